import { type AccountPresence, MAX_PRESENCE_ACCOUNTS, presenceChannel } from "@anywire/types";
import type { Channel } from "../channel.ts";
import type { AnywireClient } from "../client.ts";
import { Emitter, type Unlisten } from "../emitter.ts";

/** What is known of accounts by their ids. Never changed: news give another one. */
export type PresenceState = ReadonlyMap<string, AccountPresence>;

/** The presence of the accounts that are on the screen, kept up to date. */
export interface PresenceWatch {
  /** What is known now; nothing of an account until the server has said it. */
  getState(): PresenceState;
  /** Calls the listener after each change. */
  subscribe(listener: () => void): Unlisten;
  /** Watches an account until the returned function is called; those who watch the same one share it. */
  watch(accountId: string): Unlisten;
}

/** After how long what the server could not say is asked again, ms. */
const RETRY_MS = 1_000;

/** One account that is watched. */
interface Watched {
  readonly channel: Channel;
  readonly stops: readonly Unlisten[];
  /** How many watch it. */
  watchers: number;
}

/**
 * A watch of who is online. Costs one subscription for each account, and one question for all that come together, again
 * after each reconnect.
 *
 * @example
 * const presence = createPresenceWatch(client);
 * presence.subscribe(() => render(presence.getState()));
 * const stop = presence.watch("bob");
 */
export function createPresenceWatch(client: AnywireClient): PresenceWatch {
  return new ClientPresenceWatch(client);
}

class ClientPresenceWatch implements PresenceWatch {
  readonly #client: AnywireClient;
  readonly #watched = new Map<string, Watched>();
  readonly #emitter = new Emitter<{ change: undefined }>();
  /** Accounts to ask for, once all that came with them are there. */
  #asked = new Set<string>();
  /** How often an account was told of: what was told while an answer was on its way is newer than the answer. */
  readonly #told = new Map<string, number>();
  #state: PresenceState = new Map();

  constructor(client: AnywireClient) {
    this.#client = client;
  }

  getState(): PresenceState {
    return this.#state;
  }

  subscribe(listener: () => void): Unlisten {
    return this.#emitter.on("change", listener);
  }

  watch(accountId: string): Unlisten {
    let isStopped = false;
    let begun: Watched | undefined;
    let stopWaiting: Unlisten = () => {};
    const begin = (): void => {
      begun = this.#watched.get(accountId) ?? this.#begin(accountId);
      begun.watchers += 1;
    };
    // The name of what to subscribe to has the platform in it. Nobody may have asked to connect yet.
    if (this.#client.platform !== undefined) begin();
    else {
      stopWaiting = this.#client.on("state", ({ state }) => {
        if (state !== "connected") return;
        stopWaiting();
        begin();
      });
    }
    return () => {
      if (isStopped) return;
      isStopped = true;
      stopWaiting();
      if (begun !== undefined) this.#leave(accountId, begun);
    };
  }

  #begin(accountId: string): Watched {
    const channel = this.#client.channel(presenceChannel(this.#client.platform ?? "", accountId));
    const stops = [
      channel.on("signal", ({ kind, data }) => {
        if (kind === "presence") this.#tell(accountId, data as AccountPresence);
      }),
      channel.on("state", ({ state }) => {
        if (state === "subscribed") this.#ask(accountId);
      }),
    ];
    const watched = { channel, stops, watchers: 0 };
    this.#watched.set(accountId, watched);
    channel.subscribe();
    return watched;
  }

  #leave(accountId: string, watched: Watched): void {
    watched.watchers -= 1;
    if (watched.watchers > 0) return;
    this.#watched.delete(accountId);
    this.#told.delete(accountId);
    for (const stop of watched.stops) stop();
    watched.channel.unsubscribe();
    // What it was says nothing about what it is when somebody looks again.
    this.#change((state) => state.delete(accountId));
  }

  #tell(accountId: string, presence: AccountPresence): void {
    this.#told.set(accountId, (this.#told.get(accountId) ?? 0) + 1);
    this.#change((state) => state.set(accountId, presence));
  }

  #ask(accountId: string): void {
    this.#asked.add(accountId);
    if (this.#asked.size > 1) return;
    // Subscriptions that were made together are answered in the same turn, or in the next ones.
    setTimeout(() => void this.#askNow(), 10);
  }

  async #askNow(): Promise<void> {
    const accounts = [...this.#asked];
    this.#asked = new Set();
    const toldBefore = new Map(this.#told);
    for (let i = 0; i < accounts.length; i += MAX_PRESENCE_ACCOUNTS) {
      const page = accounts.slice(i, i + MAX_PRESENCE_ACCOUNTS);
      const answer = await this.#client.call("presence.get", { accounts: page }).catch(() => null);
      if (answer === null) this.#askLater(page);
      this.#change((state) => {
        for (const presence of answer?.accounts ?? []) {
          const { account } = presence;
          const isNews = this.#told.get(account) === toldBefore.get(account);
          if (isNews && this.#watched.has(account)) state.set(account, presence);
        }
      });
    }
  }

  /** Without a connection there is no need: the next one asks again. */
  #askLater(accounts: readonly string[]): void {
    if (this.#client.state !== "connected") return;
    setTimeout(() => {
      for (const account of accounts) if (this.#watched.has(account)) this.#ask(account);
    }, RETRY_MS);
  }

  #change(change: (state: Map<string, AccountPresence>) => void): void {
    const state = new Map(this.#state);
    change(state);
    this.#state = state;
    this.#emitter.emit("change", undefined);
  }
}
