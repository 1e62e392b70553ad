import type { AnywireClient } from "@anywire/client";
import { AnywireError } from "@anywire/types";
import { displayName } from "./people.ts";

/** What to call someone, by their address. */
export type NameOf = (address: string) => string;

type Client = Pick<AnywireClient, "call" | "state" | "on">;

/** How the name of somebody of a kind is learnt, by their id; null where there is none. */
const LEARN: Readonly<Record<string, (client: Client, id: string) => Promise<string | null>>> = {
  account: async (client, id) => (await client.call("account.get", { id })).name,
  async contact(client, id) {
    const { name, addresses, mergedInto } = await client.call("contact.get", { id });
    if (mergedInto !== null) return LEARN["contact"]?.(client, mergedInto) ?? null;
    const [first] = addresses;
    return name ?? (first === undefined ? null : displayName(first.address));
  },
};

/** A name is asked for again when it is seen after so long, ms: people take other names, and other numbers. */
const KNOWN_FOR_MS = 30_000;

/** What people call accounts and contacts, as their profiles say: of each that is seen it is asked, now and then once more. */
export class AccountNames {
  readonly #client: Client;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  /** When each was last asked for. */
  readonly #askedAt = new Map<string, number>();
  readonly #names = new Map<string, string>();
  #unasked: string[] = [];
  #nameOf: NameOf = (address) => this.#find(address);

  constructor(client: Client, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
    client.on("state", () => this.#ask());
  }

  /** Gives the id with a capital for whom no name is known; another function after each change. */
  readonly getState = (): NameOf => this.#nameOf;

  /** Calls `listener` after each change, until the function that it returns is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #find(address: string): string {
    const now = this.#now();
    const isDue = now - (this.#askedAt.get(address) ?? Number.NEGATIVE_INFINITY) >= KNOWN_FOR_MS;
    if (isDue && Object.hasOwn(LEARN, kindOf(address))) {
      this.#askedAt.set(address, now);
      this.#unasked.push(address);
      // Not at once: names are looked up while something is drawn.
      queueMicrotask(() => this.#ask());
    }
    return this.#names.get(address) ?? displayName(address);
  }

  #ask(): void {
    if (this.#client.state !== "connected") return;
    for (const address of this.#unasked.splice(0)) void this.#learn(address);
  }

  async #learn(address: string): Promise<void> {
    try {
      const kind = kindOf(address);
      const name = (await LEARN[kind]?.(this.#client, address.slice(kind.length + 1))) ?? null;
      if (name === null || name === this.#names.get(address)) return;
      this.#names.set(address, name);
      this.#nameOf = (other) => this.#find(other);
      for (const listener of this.#listeners) listener();
    } catch (thrown) {
      // Whoever may not know goes on with the id; without a connection it is asked with the next one.
      const isGone = thrown instanceof AnywireError && thrown.code === "unavailable";
      if (isGone) this.#unasked.push(address);
    }
  }
}

function kindOf(address: string): string {
  return address.slice(0, Math.max(0, address.indexOf(":")));
}
