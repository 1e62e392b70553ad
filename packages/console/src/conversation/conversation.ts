import {
  type AnywireClient,
  asMessage,
  type Channel,
  type ChannelStatus,
  type ConnectionStatus,
  createEntryId,
  type MessageEntry,
} from "@anywire/client";
import {
  type ConversationState,
  discard,
  EMPTY_CONVERSATION,
  enqueue,
  expireTyping,
  join,
  leave,
  type OutgoingMessage,
  receive,
  recover,
  stopTyping,
  type,
} from "./conversation-state.ts";

const PAGE_SIZE = 40;

/** A little longer than two signals of someone who goes on typing are apart. */
const TYPING_LASTS_MS = 3500;

type Change = (state: ConversationState) => ConversationState;

/** One account's side of a channel: what the page shows, and what it can do. A store for `useSyncExternalStore`. */
export class Conversation {
  readonly #client: AnywireClient;
  readonly #channel: Channel;
  readonly #listeners = new Set<() => void>();
  readonly #inFlight = new Set<string>();
  #state = EMPTY_CONVERSATION;
  /** Who came and went while the list of members is on its way: it may know of that or not. */
  #passage: Change[] | undefined;

  constructor(client: AnywireClient, channel: string) {
    this.#client = client;
    this.#channel = client.channel(channel, { joinLeave: true });
    client.on("state", (status) => this.#connectionChanged(status));
    this.#channel.on("state", (status) => this.#subscriptionChanged(status));
    this.#channel.on("message", (message) =>
      this.#update((s) => stopTyping(receive(s, [message]), message.sender)),
    );
    this.#channel.on("recovered", ({ afterOffset }) =>
      this.#update((s) => recover(s, afterOffset)),
    );
    this.#channel.on("join", (member) => this.#pass((s) => join(s, member)));
    this.#channel.on("leave", (member) => this.#pass((s) => leave(s, member)));
    this.#channel.on("signal", ({ kind, sender }) => kind === "typing" && this.#typing(sender));
  }

  /** Called on every change until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same object until something changes. */
  readonly getSnapshot = (): ConversationState => this.#state;

  /** Connects, and hands over what was missed. */
  goOnline(): void {
    this.#channel.subscribe();
    this.#client.connect();
  }

  /** Closes the connection until `goOnline`. What is written meanwhile waits in the outbox. */
  goOffline(): void {
    this.#client.disconnect();
  }

  /** Sends a text, now or as soon as there is a connection. */
  send(text: string): void {
    this.#enqueue({ id: createEntryId(), text, at: Date.now() });
  }

  /** Sends a refused message once more, under its id. */
  retry({ id, text, at }: OutgoingMessage): void {
    this.#enqueue({ id, text, at });
  }

  /** Gives a refused message up. */
  discard({ id }: OutgoingMessage): void {
    this.#update((s) => discard(s, id));
  }

  /** Lets the others know that a message is being written. */
  type(): void {
    this.#channel.typing();
  }

  /** Reads the newest page, or the one before what is shown. Does nothing while a page is on its way. */
  async readHistory(): Promise<void> {
    const { history, olderBefore } = this.#state;
    if (history === "loading" || (history === "ready" && olderBefore === undefined)) return;
    this.#update((s) => ({ ...s, history: "loading" }));
    try {
      const before = olderBefore === undefined ? {} : { before: olderBefore };
      const { entries, hasMore } = await this.#channel.history({ limit: PAGE_SIZE, ...before });
      const messages = entries.flatMap((entry) => asMessage(entry) ?? []);
      const oldest = hasMore ? entries[0]?.offset : undefined;
      this.#update((s) => ({
        ...receive(s, messages),
        history: "ready",
        olderBefore: oldest,
      }));
    } catch {
      this.#update((s) => ({ ...s, history: "failed" }));
    }
  }

  #connectionChanged(connection: ConnectionStatus): void {
    const { account } = this.#client;
    const self = account === undefined ? undefined : `account:${account}`;
    const isConnected = connection.state === "connected";
    const gone = isConnected ? {} : { members: [], typing: new Map<string, number>() };
    this.#update((s) => ({ ...s, ...gone, connection, self }));
    if (isConnected) for (const message of this.#state.outbox) void this.#deliver(message);
  }

  #subscriptionChanged({ state, isContinuous, error }: ChannelStatus): void {
    this.#update((s) => ({ ...s, refusal: error?.message }));
    if (state !== "subscribed") return;
    if (isContinuous === false) {
      this.#update((s) => ({
        ...s,
        messages: [],
        recoveries: [],
        history: "unread",
        olderBefore: undefined,
      }));
    }
    if (this.#state.history !== "ready") void this.readHistory();
    void this.#readPresence();
  }

  #pass(change: Change): void {
    this.#passage?.push(change);
    this.#update(change);
  }

  async #readPresence(): Promise<void> {
    const passage: Change[] = [];
    this.#passage = passage;
    // Fails when the connection is gone again; its return reads it anew.
    const members = await this.#channel.presence().catch(() => undefined);
    // A newer list is on its way.
    if (this.#passage !== passage) return;
    this.#passage = undefined;
    if (members === undefined) return;
    this.#update((s) =>
      passage.reduce<ConversationState>((state, change) => change(state), { ...s, members }),
    );
  }

  #enqueue(message: OutgoingMessage): void {
    this.#update((s) => enqueue(s, message));
    void this.#deliver(message);
  }

  async #deliver(message: OutgoingMessage): Promise<void> {
    const { id, text, at, error } = message;
    if (error !== undefined || this.#inFlight.has(id)) return;
    this.#inFlight.add(id);
    try {
      const sent = await this.#channel.send({ id, text });
      const self = this.#state.self ?? "";
      const entry: MessageEntry = { ...sent, kind: "message", sender: self, data: { text } };
      this.#update((s) => receive(s, [entry]));
    } catch (thrown) {
      // Without a connection it stays in the outbox, to go out with the next one.
      if (this.#client.state === "disconnected") return;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.#update((s) => enqueue(s, { id, text, at, error: reason }));
    } finally {
      this.#inFlight.delete(id);
    }
  }

  #typing(sender: string): void {
    const until = Date.now() + TYPING_LASTS_MS;
    this.#update((s) => type(s, sender, until));
    setTimeout(() => this.#update((s) => expireTyping(s, until)), TYPING_LASTS_MS);
  }

  #update(change: Change): void {
    const next = change(this.#state);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}
