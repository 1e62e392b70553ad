import { AnywireError } from "@anywire/types";
import type { Log, LogEntry } from "../ports/log.ts";
import type { StateChange, StateStore } from "../ports/state-store.ts";
import type { AccountDocument, ChannelDocument, MembershipDocument } from "../state/documents.ts";
import { ACCOUNT, CHANNEL, MEMBERSHIP } from "../state/state-key.ts";
import { accountEventText, EventText, eventEntry } from "./event-text.ts";
import { Follows } from "./follows.ts";
import { type FollowedChannel, Inbox, type Seat } from "./inbox.ts";
import { type Membership, type Memberships, readMemberships } from "./memberships.ts";
import { type MissedPage, readMissed } from "./missed.ts";
import { isHidden, unreadOf } from "./summary.ts";

/** Events read at a time when some were missed. */
const PAGE_EVENTS = 500;
/** Inboxes that are read anew at the same time. */
const MAX_RENEWERS = 8;
/** After a failure, how long until what was missed is read again, ms. */
const READ_AGAIN_MS = 500;

/** What the inboxes need. */
export interface InboxesOptions {
  readonly state: StateStore;
  readonly log: Pick<Log, "read">;
}

/** Whom the inboxes tell. */
export interface InboxEvents {
  /** An event for a notification channel, in the order of offsets for each. Must not throw. */
  onEvent(entry: LogEntry): void;
  /** An account takes part in a channel no more. Must not throw. */
  onLeft(notificationChannel: string, channel: string): void;
}

/** What one state change holds, sorted. */
interface SortedChange {
  readonly entry: LogEntry;
  readonly document: ChannelDocument | undefined;
  /** By notification channel. */
  readonly memberships: ReadonlyMap<string, MembershipDocument>;
  readonly account: AccountDocument | undefined;
  /** The text of the event, unless it concerns no channel. */
  readonly text: EventText | undefined;
  /** Whether what came to that channel next is surely heard, too. */
  readonly isFollowed: boolean;
  /** The notification channel it stands on, when that says whom it concerns. */
  readonly owner: string | undefined;
}

/**
 * What the devices of an account hear of on its notification channel: a view over the log. One message into a
 * group is one entry; what each account that is online here is told of it is made here, with the counts
 * that result for it.
 */
export class Inboxes {
  readonly #state: StateStore;
  readonly #log: Pick<Log, "read">;
  readonly #inboxes = new Map<string, Inbox>();
  readonly #channels = new Map<string, FollowedChannel>();
  #events: InboxEvents | null = null;
  #follows: Follows | null = null;
  /** Changes that came while an inbox was being read; none when none is. */
  #recent: SortedChange[] = [];
  #opening = 0;
  /** How often changes may have been lost on the way. */
  #gaps = 0;
  /** Inboxes that wait to be read anew. */
  readonly #outdated: Inbox[] = [];
  #renewers = 0;

  constructor({ state, log }: InboxesOptions) {
    this.#state = state;
    this.#log = log;
  }

  /** How many accounts have one. */
  get size(): number {
    return this.#inboxes.size;
  }

  /** Begins to tell. Returns what ends it. */
  start(events: InboxEvents): () => void {
    this.#events = events;
    const listening = this.#state.watch({
      onChange: (change) => this.#onChange(change),
      onMissed: () => this.#onMissed(),
    });
    const isUsed = (name: string): boolean => this.#inboxes.has(name) || this.#channels.has(name);
    this.#follows = new Follows(listening, isUsed);
    return () => {
      listening.stop();
      for (const name of this.#inboxes.keys()) this.close(name);
    };
  }

  /** Begins to follow an account by its notification channel. Events with a larger offset than what this resolves with will be told. */
  open(name: string): Promise<number> {
    return this.#whileHearing(async () => {
      const gaps = this.#gaps;
      const memberships = await this.#readFollowed(name);
      this.close(name);
      this.#begin(name, memberships, gaps);
      return memberships.position;
    });
  }

  /** Follows an account no more. */
  close(name: string): void {
    const inbox = this.#inboxes.get(name);
    if (inbox === undefined) return;
    this.#inboxes.delete(name);
    for (const channel of inbox.channels) this.#takeSeat(channel, inbox);
    this.#follows?.doubt(name);
    if (this.#opening === 0) this.#follows?.sweep();
  }

  /** What an account missed, oldest first, with the counts of now. */
  read(name: string, after: number, limit: number): Promise<MissedPage> {
    return readMissed({ state: this.#state, log: this.#log }, name, after, limit);
  }

  /**
   * An account's side of a channel; null when it takes no part in it, undefined when it is not followed here.
   * @throws {AnywireError} `unavailable` when it may have come to the channel and that was lost on the way: it is being read anew.
   */
  membershipOf(name: string, channel: string): MembershipDocument | null | undefined {
    const inbox = this.#inboxes.get(name);
    if (inbox === undefined) return undefined;
    const seat = this.#seatOf(inbox, channel);
    if (seat !== undefined) return seat.membership;
    // Not for the state to say: what it gives has to be heard of here when it is taken away.
    if (inbox.hasGap) throw new AnywireError("unavailable", `${name} is being read anew`);
    return null;
  }

  /** Keeps what is heard meanwhile, for an inbox that is being read. */
  async #whileHearing<T>(read: () => Promise<T>): Promise<T> {
    this.#opening += 1;
    try {
      return await read();
    } finally {
      this.#opening -= 1;
      if (this.#opening === 0) {
        this.#recent = [];
        this.#follows?.sweep();
      }
    }
  }

  /** Reads an account's channels at a moment from which on all changes of them are heard. */
  async #readFollowed(name: string): Promise<Memberships> {
    await this.#follows?.add([name]);
    for (;;) {
      const memberships = await readMemberships(this.#state, name);
      const unheard = memberships.all
        .filter(({ membership }) => membership.leftOffset === null)
        .map(({ membership }) => membership.channel)
        .filter((channel) => this.#follows?.hears(channel) === false);
      if (unheard.length === 0) return memberships;
      await this.#follows?.add(unheard);
    }
  }

  #begin(name: string, { all, position }: Memberships, gaps: number): Inbox {
    const inbox = new Inbox(name, position);
    this.#inboxes.set(name, inbox);
    for (const membership of all) this.#admit(inbox, membership);
    // Before it is told what was heard meanwhile: something may be missing there.
    if (gaps !== this.#gaps) this.#onGap(inbox);
    for (const change of this.#recent) {
      // The channel may be followed anew, as of when the account was read.
      if (change.entry.offset > position) this.#learn(change);
      this.#tell(inbox, change);
    }
    return inbox;
  }

  #onMissed(): void {
    this.#gaps += 1;
    for (const inbox of this.#inboxes.values()) this.#onGap(inbox);
  }

  #onGap(inbox: Inbox): void {
    inbox.hasGap = true;
    this.#renew(inbox);
  }

  /** Tells an account nothing more until what it may have missed was read and told. */
  #renew(inbox: Inbox): void {
    if (inbox.isOutdated) return;
    inbox.isOutdated = true;
    this.#outdated.push(inbox);
    if (this.#renewers < MAX_RENEWERS) void this.#whileHearing(() => this.#renewAll());
  }

  async #renewAll(): Promise<void> {
    this.#renewers += 1;
    for (let inbox = this.#outdated.shift(); inbox; inbox = this.#outdated.shift()) {
      while (this.#inboxes.get(inbox.name) === inbox) {
        try {
          await this.#readRenewed(inbox);
        } catch {
          // Nobody can be told anything as long as the state does not answer.
          await new Promise((resolve) => setTimeout(resolve, READ_AGAIN_MS));
        }
      }
    }
    this.#renewers -= 1;
  }

  async #readRenewed(inbox: Inbox): Promise<void> {
    const { name } = inbox;
    const gaps = this.#gaps;
    const memberships = await this.#readFollowed(name);
    const missed = await this.#readMissed(inbox, memberships.position);
    if (this.#inboxes.get(name) !== inbox) return;
    for (const entry of missed) this.#events?.onEvent(entry);
    this.close(name);
    const renewed = this.#begin(name, memberships, gaps);
    for (const { name: channel } of inbox.channels) {
      if (this.#seatOf(renewed, channel) === undefined) this.#events?.onLeft(name, channel);
    }
  }

  async #readMissed({ name, toldOf }: Inbox, position: number): Promise<LogEntry[]> {
    const missed: LogEntry[] = [];
    for (;;) {
      const after = missed.at(-1)?.offset ?? toldOf;
      const { entries, hasMore } = await this.read(name, after, PAGE_EVENTS);
      missed.push(...entries.filter(({ offset }) => offset <= position));
      if (!hasMore || (entries.at(-1)?.offset ?? position) >= position) return missed;
    }
  }

  /** Whether a channel is archived; undefined when nobody who takes part in it is here, or it is not heard yet. */
  isArchived(channel: string): boolean | undefined {
    if (this.#follows?.hears(channel) !== true) return undefined;
    return this.#channels.get(channel)?.archived;
  }

  #onChange(change: StateChange): void {
    const sorted = sortChange(change, (channel) => this.#follows?.hears(channel) !== false);
    if (this.#opening > 0) this.#recent.push(sorted);
    const { memberships, owner } = sorted;
    const followed = this.#learn(sorted);
    // Those who leave by it are taken out meanwhile, which a walk over a map allows.
    for (const inbox of followed?.seats.keys() ?? []) this.#tell(inbox, sorted);
    for (const name of memberships.keys()) this.#tellUnless(followed, name, sorted);
    if (owner !== undefined) this.#tellUnless(followed, owner, sorted);
  }

  /** Takes in what has become of a channel that is followed, and returns it. */
  #learn({ document }: SortedChange): FollowedChannel | undefined {
    if (document === undefined) return undefined;
    const followed = this.#channels.get(document.channel);
    if (followed === undefined) return undefined;
    followed.messages = Math.max(followed.messages, document.messages);
    followed.archived = document.archived;
    return followed;
  }

  /** Those who have a seat were told. */
  #tellUnless(followed: FollowedChannel | undefined, name: string, change: SortedChange): void {
    const inbox = this.#inboxes.get(name);
    if (inbox === undefined || inbox.toldOf >= change.entry.offset) return;
    if (followed?.seats.has(inbox) !== true) this.#tell(inbox, change);
  }

  #tell(inbox: Inbox, change: SortedChange): void {
    const { entry } = change;
    // It was in the state already when the inbox was read, or will be when it is read again.
    if (entry.offset <= inbox.toldOf) return;
    if (inbox.isOutdated) {
      this.#seatEarly(inbox, change);
      return;
    }
    const dataJson = this.#eventFor(inbox, change);
    if (dataJson === undefined) return;
    inbox.toldOf = entry.offset;
    this.#events?.onEvent(eventEntry(inbox.name, entry, dataJson));
    if (!change.isFollowed) this.#renew(inbox);
  }

  /** Whoever comes to a channel may hear it, and whoever is removed no more, also while the inbox is being read anew; the event is told then. */
  #seatEarly(inbox: Inbox, { memberships, text, document }: SortedChange): void {
    const membership = memberships.get(inbox.name);
    if (text === undefined || membership === undefined) return;
    const seat = this.#seatOf(inbox, text.channel);
    if (seat !== undefined) seat.membership = membership;
    else if (document !== undefined) this.#admit(inbox, { document, membership });
    if (membership.leftOffset !== null) this.#events?.onLeft(inbox.name, text.channel);
  }

  #eventFor(inbox: Inbox, change: SortedChange): string | undefined {
    const { entry, text, document, account, memberships, owner } = change;
    if (owner !== undefined && owner !== inbox.name) return undefined;
    if (account !== undefined) return accountEventText(entry, account, inbox.totals);
    if (text === undefined) return undefined;
    if (entry.kind === "delete_for_me") return text.messageHidden(inbox.totals);
    const membership = memberships.get(inbox.name);
    const followed = this.#channels.get(text.channel);
    const seat = followed?.seats.get(inbox);
    if (followed === undefined || seat === undefined) {
      if (membership === undefined || membership.leftOffset !== null) return undefined;
      if (document === undefined) return undefined;
      this.#admit(inbox, { document, membership });
      return text.opened(membership, document, inbox.totals);
    }
    if (membership !== undefined) seat.membership = membership;
    if (seat.membership.leftOffset !== null) {
      this.#dismiss(inbox, followed, seat);
      return text.left(inbox.totals);
    }
    const messages = document?.messages ?? followed.messages;
    count(inbox, seat, messages);
    return text.changed(inbox.account, seat.membership, messages, inbox.totals);
  }

  #admit(inbox: Inbox, { document, membership }: Membership): void {
    if (membership.leftOffset !== null) return;
    const { channel, messages, archived } = document;
    let followed = this.#channels.get(channel);
    if (followed === undefined) {
      followed = { name: channel, messages, archived, seats: new Map() };
      this.#channels.set(channel, followed);
    }
    if (messages >= followed.messages) Object.assign(followed, { messages, archived });
    const seat: Seat = { membership, counted: 0 };
    followed.seats.set(inbox, seat);
    inbox.channels.add(followed);
    count(inbox, seat, messages);
  }

  #dismiss(inbox: Inbox, followed: FollowedChannel, seat: Seat): void {
    inbox.count(seat, 0);
    inbox.channels.delete(followed);
    this.#takeSeat(followed, inbox);
    if (this.#opening === 0) this.#follows?.sweep();
    this.#events?.onLeft(inbox.name, followed.name);
  }

  #seatOf(inbox: Inbox, channel: string): Seat | undefined {
    return this.#channels.get(channel)?.seats.get(inbox);
  }

  #takeSeat(followed: FollowedChannel, inbox: Inbox): void {
    followed.seats.delete(inbox);
    if (followed.seats.size > 0) return;
    this.#channels.delete(followed.name);
    this.#follows?.doubt(followed.name);
  }
}

function count(inbox: Inbox, seat: Seat, messages: number): void {
  const { membership } = seat;
  inbox.count(seat, isHidden(messages, membership) ? 0 : unreadOf(messages, membership));
}

function sortChange(
  { entry, items }: StateChange,
  isHeard: (channel: string) => boolean,
): SortedChange {
  const memberships = new Map<string, MembershipDocument>();
  let document: ChannelDocument | undefined;
  let account: AccountDocument | undefined;
  for (const { partition, sort, value } of items) {
    if (sort === CHANNEL) document = value as ChannelDocument;
    else if (sort === ACCOUNT) account = value as AccountDocument;
    else if (sort.startsWith(MEMBERSHIP)) memberships.set(partition, value as MembershipDocument);
  }
  const [first] = memberships.values();
  const isOwn = entry.kind === "account" || entry.kind === "delete_for_me";
  const channel = document?.channel ?? first?.channel ?? channelNamed(entry);
  const text = channel === undefined ? undefined : new EventText(entry, channel, document);
  const owner = isOwn ? entry.channel : undefined;
  const isFollowed = channel === undefined || isHeard(channel);
  return { entry, document, memberships, account, text, isFollowed, owner };
}

function channelNamed({ kind, dataJson }: LogEntry): string | undefined {
  return kind === "delete_for_me"
    ? (JSON.parse(dataJson) as { channel: string }).channel
    : undefined;
}
