import { Resolver } from "node:dns/promises";
import type { DNSResolver } from "mailauth";

/** Asks the domain name system, as `resolve` of `node:dns/promises` does. */
export type Dns = DNSResolver;

const SERVER_TIMEOUT_MS = 2_000;
const TRIES = 2;

/** Asks the servers that the machine asks. */
export function systemDns(): Dns {
  const resolver = new Resolver({ timeout: SERVER_TIMEOUT_MS, tries: TRIES });
  return (name, type) => resolver.resolve(name, type) as Promise<string[][]>;
}

/** Gives up, all questions together, after so long: whoever is asked is whoever the sender names, and may not want to answer. */
export function timeLimited(dns: Dns, limitMs: number): Dns {
  const end = performance.now() + limitMs;
  return (name, type) =>
    new Promise((resolve, reject) => {
      const late = (): void => reject(Object.assign(new Error("no answer"), { code: "ETIMEOUT" }));
      const leftMs = end - performance.now();
      if (leftMs <= 0) return late();
      const timer = setTimeout(late, leftMs);
      const asked = (async () => dns(name, type))();
      void asked.then(resolve, reject).finally(() => clearTimeout(timer));
    });
}
