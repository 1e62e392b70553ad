import {
  AnywireError,
  type Entry,
  type NotificationEvent,
  type SendMessageRequest,
} from "@anywire/types";
import type { Channel, ChannelStatus } from "../channel.ts";
import type { AnywireClient } from "../client.ts";
import { Emitter, type Unlisten } from "../emitter.ts";
import { createEntryId } from "../entry-id.ts";
import type { SignalEvent } from "../publication.ts";
import { LiveList } from "./live-list.ts";
import { readPage } from "./read-page.ts";
import { asSent, type SentEntry, type TimelineMessage } from "./timeline-message.ts";
import {
  discard,
  EMPTY_TIMELINE,
  enqueue,
  hide,
  join,
  leave,
  type OutgoingMessage,
  type Receipt,
  receipt,
  receive,
  recover,
  stopTyping,
  type TimelineState,
  take,
} from "./timeline-state.ts";
import { TypingList } from "./typing-list.ts";

/** How to open a timeline. */
export interface TimelineOptions {
  /** Messages in a page, 1 to 200. Default 40. */
  readonly pageSize?: number;
  /** Whether to know which connections are on the channel: in large channels that is a lot. Default false. */
  readonly members?: boolean;
}

/** A channel as a device shows it: its messages in their present form, live, and those on their way. */
export interface Timeline {
  readonly channel: Channel;
  /** The present state: the same object until something changes. */
  getState(): TimelineState;
  /** Calls `listener` after each change. */
  subscribe(listener: () => void): Unlisten;
  /** Hears the channel and reads its newest messages. A second call is a no-op. */
  open(): void;
  /** Stops hearing it, unless another timeline needs it. What is in the outbox stays. */
  close(): void;
  /**
   * Shows a message at once in the outbox and sends it now or as soon as there is a connection, under an id of its own, so that
   * it is never stored twice.
   */
  send(message: string | SendMessageRequest): void;
  /** Sends a refused message once more, under its id. */
  retry(id: string): void;
  /** Gives a refused message up. */
  discard(id: string): void;
  /** Reads the page before the oldest message; does nothing while a page is on its way. */
  loadOlder(): Promise<void>;
  /** What is shown is read, on all devices of the account. Does nothing where it is already. */
  read(): Promise<void>;
  /** Lets the others know that a message is being written: call it at every keystroke. */
  type(): void;
}

type Change = (state: TimelineState) => TimelineState;

const PAGE_SIZE = 40;

/** Entries kept to be applied to messages that a page brings, which can be as of before them. */
const RECENT = 500;

/** The server tells of receipts on channels of at most so many participants. */
const MAX_RECEIPTS = 100;

/** How many open timelines hear a channel. */
const hearers = new WeakMap<Channel, number>();

/**
 * A timeline of a channel, not yet open.
 *
 * @example
 * const timeline = createTimeline(client, channel);
 * timeline.subscribe(() => render(timeline.getState()));
 * timeline.open();
 * timeline.send("hello");
 */
export function createTimeline(
  client: AnywireClient,
  channel: string,
  options: TimelineOptions = {},
): Timeline {
  return new ChannelTimeline(client, channel, options);
}

class ChannelTimeline implements Timeline {
  readonly channel: Channel;
  readonly #client: AnywireClient;
  readonly #pageSize: number;
  readonly #wantsMembers: boolean;
  readonly #emitter = new Emitter<{ change: undefined }>();
  readonly #refreshing = new Set<string>();
  /** Ids of messages out of one's own sight: told of on another channel, so maybe before the message itself. */
  readonly #hidden = new Set<string>();
  readonly #typing: TypingList;
  readonly #members: LiveList<TimelineState>;
  readonly #receipts: LiveList<TimelineState>;
  #unlisten: Unlisten[] = [];
  #state = EMPTY_TIMELINE;
  #recent: Entry[] = [];
  /** Counts the pages that were asked for since the list was empty: an answer to an earlier list is void. */
  #list = 0;
  #readOffset = 0;
  /** Counts the changes of the connection. */
  #connection = 0;
  #isSending = false;
  /** Whether what is shown may lack what came since: nothing is heard before the subscription, and after its end. */
  #isApart = true;
  /** Whether it was apart before the present subscription: what came then was unread, not missed. */
  #wasApart = true;

  constructor(client: AnywireClient, channel: string, options: TimelineOptions) {
    const { pageSize = PAGE_SIZE, members = false } = options;
    this.#client = client;
    this.#pageSize = pageSize;
    this.#wantsMembers = members;
    this.channel = client.channel(channel, { joinLeave: members });
    const update = (change: Change): void => this.#update(change);
    this.#members = new LiveList(update);
    this.#receipts = new LiveList(update);
    this.#typing = new TypingList(update);
  }

  getState(): TimelineState {
    return this.#state;
  }

  subscribe(listener: () => void): Unlisten {
    return this.#emitter.on("change", listener);
  }

  open(): void {
    if (this.#unlisten.length > 0) return;
    const { channel } = this;
    this.#unlisten = [
      this.#client.on("state", ({ state }) => this.#connectionChanged(state === "connected")),
      this.#client.on("account", ({ event }) => this.#hear(event)),
      this.#client.on("synced", ({ isContinuous }) => isContinuous || this.#reload()),
      channel.on("state", (status) => this.#subscriptionChanged(status)),
      channel.on("entry", (entry) => this.#take(entry)),
      channel.on("recovered", ({ afterOffset }) => this.#recovered(afterOffset)),
      channel.on("signal", (signal) => this.#signal(signal)),
      channel.on("join", (member) => this.#membersChanged((s) => join(s, member))),
      channel.on("leave", (member) => this.#membersChanged((s) => leave(s, member))),
    ];
    hearers.set(channel, (hearers.get(channel) ?? 0) + 1);
    this.#connectionChanged(this.#client.state === "connected");
    this.#forget();
    this.#isApart = channel.state !== "subscribed";
    if (this.#isApart) channel.subscribe();
    else this.#begin();
  }

  close(): void {
    if (this.#unlisten.length === 0) return;
    for (const unlisten of this.#unlisten) unlisten();
    this.#unlisten = [];
    const others = (hearers.get(this.channel) ?? 1) - 1;
    hearers.set(this.channel, others);
    if (others === 0) this.channel.unsubscribe();
  }

  send(message: string | SendMessageRequest): void {
    const { id = createEntryId(), ...data } =
      typeof message === "string" ? { text: message } : message;
    this.#enqueue({ id, data, at: Date.now() });
  }

  retry(id: string): void {
    const message = this.#state.outbox.find((queued) => queued.id === id);
    if (message === undefined) return;
    const { error: _, ...again } = message;
    this.#enqueue(again);
  }

  discard(id: string): void {
    this.#update((s) => discard(s, id));
  }

  async loadOlder(): Promise<void> {
    const { history, olderBefore } = this.#state;
    if (history === "loading" || (history === "ready" && olderBefore === undefined)) return;
    const list = this.#list;
    this.#update((s) => ({ ...s, history: "loading" }));
    try {
      const page = await readPage(this.channel, olderBefore, this.#pageSize);
      if (list !== this.#list) return;
      this.#receive(page.messages);
      this.#update((s) => ({ ...s, history: "ready", olderBefore: page.olderBefore }));
    } catch {
      if (list === this.#list) this.#update((s) => ({ ...s, history: "failed" }));
    }
  }

  async read(): Promise<void> {
    const offset = this.#state.messages.at(-1)?.offset ?? 0;
    if (offset <= this.#readOffset) return;
    const before = this.#readOffset;
    this.#readOffset = offset;
    try {
      await this.channel.read(offset);
    } catch (thrown) {
      // A channel that nobody opened has no read marks; anything else is tried with the next call.
      if (!isRefusal(thrown)) this.#readOffset = before;
    }
  }

  type(): void {
    this.channel.typing();
  }

  #connectionChanged(isConnected: boolean): void {
    this.#connection += 1;
    const { account } = this.#client;
    const self = account === undefined ? undefined : `account:${account}`;
    const gone = isConnected ? {} : { members: [], typing: [] };
    // Nobody says what somebody else has written.
    const isOther = this.#state.self !== undefined && this.#state.self !== self;
    this.#update((s) => ({ ...s, ...gone, self, outbox: isOther ? [] : s.outbox }));
    if (isConnected) void this.#sendOutbox();
  }

  #subscriptionChanged({ state, isContinuous, error }: ChannelStatus): void {
    this.#update((s) => (s.refusal === error ? s : { ...s, refusal: error }));
    if (state === "unsubscribed") this.#isApart = true;
    if (state !== "subscribed") return;
    if (this.#isApart || isContinuous === false) this.#forget();
    this.#wasApart = this.#isApart;
    this.#isApart = false;
    this.#begin();
  }

  #recovered(afterOffset: number): void {
    if (!this.#wasApart) this.#update((s) => recover(s, afterOffset));
  }

  /** What concerns the account alone was missed, or it is another account. */
  #reload(): void {
    this.#forget();
    this.#hidden.clear();
    this.#readOffset = 0;
    if (this.channel.state === "subscribed") this.#begin();
  }

  /** What is known may miss something. */
  #forget(): void {
    this.#list += 1;
    this.#recent = [];
    const { messages, recoveries, history, olderBefore } = EMPTY_TIMELINE;
    this.#update((s) => ({ ...s, messages, recoveries, history, olderBefore }));
  }

  #begin(): void {
    if (this.#state.history !== "ready") void this.loadOlder();
    void this.#receipts.read(() => this.#askReceipts());
    if (this.#wantsMembers) {
      void this.#members.read(async () => {
        const members = await this.channel.presence();
        return (s) => ({ ...s, members });
      });
    }
  }

  /** Another timeline of the channel can want to know what this one does not. */
  #membersChanged(change: Change): void {
    if (this.#wantsMembers) this.#members.change(change);
  }

  async #askReceipts(): Promise<Change> {
    const limit = MAX_RECEIPTS;
    const { participants, cursor } = await this.channel.call("channel.participants", { limit });
    const known = cursor === undefined ? participants : [];
    const receipts = new Map(known.map((one): [string, Receipt] => [one.address, one]));
    return (s) => ({ ...s, receipts });
  }

  /** Takes messages in, and what has become of them since. */
  #receive(messages: readonly TimelineMessage[]): void {
    const shown = messages.filter(({ id }) => !this.#hidden.has(id));
    this.#update((s) => receive(s, shown));
    for (const entry of this.#recent) this.#apply(entry);
  }

  #take(entry: Entry): void {
    this.#recent.push(entry);
    if (this.#recent.length > 2 * RECENT) this.#recent = this.#recent.slice(-RECENT);
    this.#apply(entry);
    if (entry.kind === "message") this.#update((s) => stopTyping(s, entry.sender));
  }

  #apply(entry: Entry): void {
    const { state, unsure } = take(this.#state, this.channel.name, entry);
    this.#update(() => (this.#hidden.has(entry.id) ? hide(state, entry.id) : state));
    if (unsure !== undefined) void this.#refresh(unsure);
  }

  async #refresh({ id, offset }: TimelineMessage): Promise<void> {
    if (this.#refreshing.has(id)) return;
    this.#refreshing.add(id);
    const waitFor = this.channel.lastOffset;
    const range = { after: offset - 1, before: offset + 1, waitFor };
    const page = await this.channel.call("message.list", range).catch(() => undefined);
    this.#refreshing.delete(id);
    // Failing, the next connection or change asks again.
    if (page === undefined) return;
    this.#receive(page.messages.map((message) => ({ ...message, asOf: page.asOf })));
  }

  #hear({ event, channel, change, message }: NotificationEvent): void {
    if (channel !== this.channel.name) return;
    if (event === "message.hidden" && message !== undefined) {
      this.#hidden.add(message);
      this.#update((s) => hide(s, message));
    }
    // Another device may have put the mark back.
    if (event === "channel.read") this.#readOffset = change?.readOffset ?? this.#readOffset;
  }

  #signal({ kind, sender, data }: SignalEvent): void {
    if (kind === "typing") this.#typing.hear(sender);
    if (kind === "receipt") {
      const { account, ...far } = data as Receipt & { readonly account: string };
      this.#receipts.change((s) => receipt(s, account, far));
    }
  }

  #enqueue(message: OutgoingMessage): void {
    this.#update((s) => enqueue(s, message));
    void this.#sendOutbox();
  }

  /** One after the other, so that they come to stand in the order in which they were written. */
  async #sendOutbox(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let isLost = false; !isLost; ) {
      const next = this.#state.outbox.find(({ error }) => error === undefined);
      if (next === undefined) break;
      // Lost, it goes out with the next connection, which can be there already.
      isLost = !(await this.#deliver(next)) && this.#client.state !== "connected";
    }
    this.#isSending = false;
  }

  /** Resolves with whether there was an answer. */
  async #deliver(message: OutgoingMessage): Promise<boolean> {
    const { id, data } = message;
    const connection = this.#connection;
    try {
      const sent = await this.channel.send({ id, ...data });
      // The server may have put it on another channel.
      if (sent.channel !== this.channel.name) this.discard(id);
      else this.#stored({ ...sent, sender: this.#state.self ?? "", data });
    } catch (thrown) {
      const error = thrown as AnywireError;
      const isGone = connection !== this.#connection || this.#client.state === "disconnected";
      if (error.code === "unavailable" && isGone) return false;
      this.#update((s) => (s.outbox.includes(message) ? enqueue(s, { ...message, error }) : s));
    }
    return true;
  }

  /**
   * Shows it at once, as it was written: what the server stored, which may be another text, comes with its entry or was there
   * before. What it does to another message waits for its entry, too: what comes before that may not have come yet.
   */
  #stored(sent: SentEntry): void {
    this.#update((s) => receive(s, [{ ...asSent(sent), asOf: sent.offset - 1 }]));
    if (this.#hidden.has(sent.id)) this.#update((s) => hide(s, sent.id));
  }

  #update(change: Change): void {
    const next = change(this.#state);
    if (next === this.#state) return;
    this.#state = next;
    this.#emitter.emit("change", undefined);
  }
}

function isRefusal(thrown: unknown): boolean {
  return thrown instanceof AnywireError && thrown.code === "permission_denied";
}
