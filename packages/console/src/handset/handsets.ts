import {
  AnywireError,
  type HandsetEvent,
  type HandsetMessageView,
  type HandsetNetwork,
  type HandsetPersons,
} from "@anywire/types";
import type { HandsetApi } from "./handset-api.ts";

/** What is known of the simulated networks. Never changed: a change gives another one. */
export interface HandsetsState {
  /** `absent`: this server has none. `starting`: some are on their way. */
  readonly phase: "loading" | "absent" | "failed" | "starting" | "open";
  /** Why it failed. */
  readonly reason: string | undefined;
  readonly networks: readonly HandsetNetwork[];
  /** Persons by the network's id, the latest first. */
  readonly persons: ReadonlyMap<string, HandsetPersons["persons"]>;
  /** Messages of those who are watched, by {@link keyOf}. */
  readonly messages: ReadonlyMap<string, readonly HandsetMessageView[]>;
  /** Whether changes are heard. */
  readonly isLive: boolean;
}

/** Somebody on a network. */
export interface HandsetRef {
  readonly network: string;
  readonly person: string;
}

/** A key for somebody on a network. */
export function keyOf({ network, person }: HandsetRef): string {
  return `${network}~${person}`;
}

const ABSENT: ReadonlySet<string> = new Set(["not_found", "permission_denied"]);

const EMPTY: HandsetsState = {
  phase: "loading",
  reason: undefined,
  networks: [],
  persons: new Map(),
  messages: new Map(),
  isLive: false,
};

/** What persons on simulated networks see, as it changes. */
export class Handsets {
  readonly api: HandsetApi;
  readonly #listeners = new Set<() => void>();
  readonly #watched = new Map<string, { readonly ref: HandsetRef; count: number }>();
  /** What is being read; true when it is to be read once more after that. */
  readonly #reading = new Map<string, boolean>();
  #state = EMPTY;

  constructor(api: HandsetApi) {
    this.api = api;
  }

  /** The present state: the same object until something changes. */
  readonly getState = (): HandsetsState => this.#state;

  /** Calls `listener` after each change, until the function that it returns is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Reads the networks and follows them, until the function that it returns is called. */
  follow(): () => void {
    return this.api.listen({
      onOpen: () => {
        this.#update({ isLive: true });
        this.refresh();
      },
      onEvent: (event) => this.#hear(event),
      onLost: () => {
        this.#update({ isLive: false });
        // The networks tell why nothing is heard.
        if (this.#state.phase !== "open") this.refresh();
      },
    });
  }

  /** Reads everything again. */
  refresh(): void {
    this.#read("networks", () => this.#readNetworks());
  }

  /** Keeps somebody's messages, until the function that it returns is called. */
  watch(ref: HandsetRef): () => void {
    const key = keyOf(ref);
    const known = this.#watched.get(key) ?? { ref, count: 0 };
    known.count += 1;
    this.#watched.set(key, known);
    this.#readMessages(ref);
    return () => {
      known.count -= 1;
      if (known.count > 0) return;
      this.#watched.delete(key);
      const messages = new Map(this.#state.messages);
      messages.delete(key);
      this.#update({ messages });
    };
  }

  #hear(event: HandsetEvent): void {
    if (event.type === "networks") {
      this.refresh();
      return;
    }
    this.#readPersons(event.network);
    if (this.#watched.has(keyOf(event))) this.#readMessages(event);
  }

  async #readNetworks(): Promise<void> {
    try {
      const { networks, isStarting } = await this.api.networks();
      this.#update({ phase: isStarting ? "starting" : "open", reason: undefined, networks });
    } catch (thrown) {
      const error = thrown as AnywireError;
      const isAbsent = error instanceof AnywireError && ABSENT.has(error.code);
      // What is shown already stays, while the server is away.
      if (this.#state.phase === "open" && !isAbsent) return;
      this.#update({ phase: isAbsent ? "absent" : "failed", reason: error.message });
      return;
    }
    for (const { id } of this.#state.networks) this.#readPersons(id);
    for (const { ref } of this.#watched.values()) this.#readMessages(ref);
  }

  #readPersons(network: string): void {
    this.#read(network, async () => {
      const { persons } = await this.api.persons(network);
      this.#update({ persons: new Map(this.#state.persons).set(network, persons) });
    });
  }

  #readMessages(ref: HandsetRef): void {
    // The page's address may name somebody on a network that is gone: nobody is asked for them.
    if (!this.#state.networks.some(({ id }) => id === ref.network)) return;
    const key = keyOf(ref);
    this.#read(key, async () => {
      const { messages } = await this.api.messages(ref.network, ref.person);
      if (!this.#watched.has(key)) return;
      this.#update({ messages: new Map(this.#state.messages).set(key, messages) });
    });
  }

  /** One after the other, and no more than needed: what changes while it is read makes it be read once more. */
  #read(key: string, read: () => Promise<void>): void {
    if (this.#reading.has(key)) {
      this.#reading.set(key, true);
      return;
    }
    this.#reading.set(key, false);
    void read()
      // Failing, the next change or connection asks again.
      .catch(() => undefined)
      .then(() => {
        const isStale = this.#reading.get(key) === true;
        this.#reading.delete(key);
        if (isStale) this.#read(key, read);
      });
  }

  #update(change: Partial<HandsetsState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
