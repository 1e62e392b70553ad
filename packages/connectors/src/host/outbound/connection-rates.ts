import type { OpenConnection } from "../connections/connections.ts";
import type { Rate } from "./rate-limiter.ts";

/** The rates that a connection keeps to. */
export interface ConnectionRates {
  /** Its own alone, without a bound: what a network that asks for a pause has stopped. */
  readonly own: readonly Rate[];
  /** For all that leaves through it. */
  readonly all: readonly Rate[];
  /** For all that goes to one address. */
  to(address: string): readonly Rate[];
}

type Scope = "connection" | "sender" | "recipient" | "portfolio";

interface Limit {
  readonly scope: Scope;
  readonly rate: number;
  readonly perMs: number;
  readonly burst?: number;
  readonly unit: "message" | "segment";
}

/** The connector's own rates, and in place of those of a scope the ones that the connection names for it: 0 for none. */
export function ratesOf({ document, connector, context }: OpenConnection): ConnectionRates {
  const { id, platform, network, portfolio } = document;
  const named = new Set(document.limits.map(({ scope }) => scope));
  const limits = [
    ...connector.limits.filter(({ scope }) => !named.has(scope)),
    ...document.limits,
  ].filter(({ rate }) => rate > 0);
  const { from } = context.settings;
  const owner: Readonly<Record<Scope, string>> = {
    connection: id,
    sender: typeof from === "string" ? `${platform}/${network}/${from}` : id,
    portfolio: portfolio === null ? id : `${platform}/${network}/${portfolio}`,
    recipient: id,
  };
  const toRate = ({ scope, rate, perMs, burst = 1, unit }: Limit, address = ""): Rate => ({
    // Another rate begins anew: what the old one held back must not bind it.
    key: `${scope} ${rate}/${perMs} ${unit} ${owner[scope]} ${address}`,
    intervalMs: perMs / rate,
    burst,
    unit,
  });
  const own: Rate = { key: `pause ${id}`, intervalMs: 0, burst: 1, unit: "message" };
  const perRecipient = limits.filter(({ scope }) => scope === "recipient");
  return {
    own: [own],
    all: [
      own,
      ...limits.filter(({ scope }) => scope !== "recipient").map((limit) => toRate(limit)),
    ],
    to: (address) => perRecipient.map((limit) => toRate(limit, address)),
  };
}
