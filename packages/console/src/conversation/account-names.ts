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

/** What people call accounts and contacts, as their profiles say: of each that is seen it is asked once. */
export class AccountNames {
  readonly #client: Client;
  readonly #listeners = new Set<() => void>();
  readonly #seen = new Set<string>();
  readonly #names = new Map<string, string>();
  #unasked: string[] = [];
  #nameOf: NameOf = (address) => this.#find(address);

  constructor(client: Client) {
    this.#client = client;
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
    if (!this.#seen.has(address) && Object.hasOwn(LEARN, kindOf(address))) {
      this.#seen.add(address);
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
      if (name === null) return;
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
