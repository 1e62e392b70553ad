import type { ChannelSummary, Totals } from "@anywire/types";
import type { AccountEvent, AnywireClient } from "../client.ts";
import { Emitter, type Unlisten } from "../emitter.ts";
import { applyEvent, fromSnapshot, type StoreState } from "./store-state.ts";

/** What a store holds: nothing before the first snapshot has come. */
export type StoreValue = StoreState | null;

/** Everything a device shows of its account, kept in step with all its other devices. */
export interface Store {
  /** The present state: the same object until something changes. */
  getState(): StoreValue;
  /** Calls `listener` after each change. */
  subscribe(listener: () => void): Unlisten;
  /** Resolves with the state once there is one. Rejects when the store is closed before. */
  ready(): Promise<StoreState>;
  /** Lets go of the client. */
  close(): void;
}

/** Between two attempts to take a snapshot that failed, ms. */
const RETRY_MS = 1_000;

/**
 * A store on a client: takes a snapshot when the client is connected, applies what comes after it, and takes another
 * when a reconnect could not bring what was missed.
 *
 * @example
 * const store = createStore(client);
 * store.subscribe(() => render(selectChannels(store.getState()), selectTotals(store.getState())));
 * client.connect();
 */
export function createStore(client: AnywireClient): Store {
  return new AccountStore(client);
}

class AccountStore implements Store {
  readonly #client: AnywireClient;
  readonly #emitter = new Emitter<{ change: undefined }>();
  readonly #unlisten: readonly Unlisten[];
  #state: StoreValue = null;
  /** Events that came while a snapshot was on its way, and may not be in it. */
  #early: AccountEvent[] = [];
  /** Counts requests for a snapshot and never begins anew, so that of two on their way the later one counts. */
  #taken = 0;
  /** Whether a snapshot is still needed: also when the request for it ended with the connection. */
  #isTaking = false;
  #isClosed = false;

  constructor(client: AnywireClient) {
    this.#client = client;
    this.#unlisten = [
      client.on("synced", ({ isContinuous }) => {
        if (this.#state === null || this.#isTaking || !isContinuous) void this.#takeSnapshot();
      }),
      client.on("account", (event) => this.#receive(event)),
    ];
    // It may be heard already.
    if (client.state === "connected") void this.#takeSnapshot();
  }

  getState(): StoreValue {
    return this.#state;
  }

  subscribe(listener: () => void): Unlisten {
    return this.#emitter.on("change", listener);
  }

  ready(): Promise<StoreState> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.#state !== null) resolve(this.#state);
        else if (this.#isClosed) reject(new Error("the store is closed"));
        else return;
        stop();
      };
      const stop = this.subscribe(look);
      look();
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const unlisten of this.#unlisten) unlisten();
    this.#tell();
  }

  async #takeSnapshot(): Promise<void> {
    this.#taken += 1;
    this.#isTaking = true;
    const number = this.#taken;
    // Those of the snapshot before belong to it.
    this.#early = [];
    try {
      const snapshot = await this.#client.call("me.snapshot");
      if (number !== this.#taken || this.#isClosed) return;
      let state = fromSnapshot(snapshot);
      for (const { event, offset } of this.#early) state = applyEvent(state, event, offset);
      this.#early = [];
      this.#isTaking = false;
      this.#set(state);
    } catch {
      // Disconnected for good: the next connection begins anew. Otherwise the server is asked again.
      if (number === this.#taken && !this.#isClosed && this.#client.state === "connected") {
        setTimeout(() => void this.#takeSnapshot(), RETRY_MS);
      }
    }
  }

  #receive(told: AccountEvent): void {
    if (this.#isTaking) this.#early.push(told);
    if (this.#state === null) return;
    this.#set(applyEvent(this.#state, told.event, told.offset));
  }

  #set(state: StoreState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    this.#emitter.emit("change", undefined);
  }
}

const EMPTY: readonly ChannelSummary[] = [];
const NO_TOTALS: Totals = { unread: 0, unreadChannels: 0 };
const lists = new WeakMap<StoreState, Map<boolean, readonly ChannelSummary[]>>();

/** The channels that are shown, or with `hidden` those that are not, newest activity first; the same list for the same state. */
export function selectChannels(state: StoreValue, hidden = false): readonly ChannelSummary[] {
  if (state === null) return EMPTY;
  const known = lists.get(state) ?? new Map<boolean, readonly ChannelSummary[]>();
  lists.set(state, known);
  let list = known.get(hidden);
  if (list === undefined) {
    const rows = state.order.flatMap((name) => state.channels.get(name) ?? []);
    list = rows.filter((row) => row.hidden === hidden);
    known.set(hidden, list);
  }
  return list;
}

/** One channel, undefined when the account takes no part in it. */
export function selectChannel(state: StoreValue, name: string): ChannelSummary | undefined {
  return state?.channels.get(name);
}

/** What is unread in one channel. */
export function selectUnread(state: StoreValue, name: string): number {
  return state?.channels.get(name)?.unread ?? 0;
}

/** Sums over all channels that are not hidden: what a badge shows. */
export function selectTotals(state: StoreValue): Totals {
  return state?.totals ?? NO_TOTALS;
}
