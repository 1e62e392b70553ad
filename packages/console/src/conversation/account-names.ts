import type { AnywireClient } from "@anywire/client";
import { AnywireError } from "@anywire/types";
import { displayName } from "./people.ts";

/** What to call someone, by their address. */
export type NameOf = (address: string) => string;

const ACCOUNT = "account:";

/** What people call accounts, as their profiles say: of each that is seen it is asked once. */
export class AccountNames {
  readonly #client: Pick<AnywireClient, "call" | "state" | "on">;
  readonly #listeners = new Set<() => void>();
  readonly #seen = new Set<string>();
  readonly #names = new Map<string, string>();
  #unasked: string[] = [];
  #nameOf: NameOf = (address) => this.#find(address);

  constructor(client: Pick<AnywireClient, "call" | "state" | "on">) {
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
    if (address.startsWith(ACCOUNT) && !this.#seen.has(address)) {
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
      const { name } = await this.#client.call("account.get", {
        id: address.slice(ACCOUNT.length),
      });
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
