import {
  type AccountPresence,
  accountAddress,
  createEntryId,
  type DeviceStatus,
  type EntryData,
  isChannelName,
  notificationChannel,
  parseChannelName,
  presenceChannel,
} from "@anywire/types";
import type { Principal } from "../access/principal.ts";
import type { Listening } from "../ports/listening.ts";
import type { Log } from "../ports/log.ts";
import type { LiveEvent, Presence, PresenceMember } from "../ports/presence.ts";
import type { StateStore } from "../ports/state-store.ts";
import { accountKey, seenKey } from "../state/state-key.ts";

/** An account by what makes it one. */
export type AccountRef = Pick<Principal, "platform" | "accountId">;

/** Whom a change is told. */
export interface PresenceAudience {
  /** Whether anybody on this node is subscribed to a channel by its name. */
  isWatched(channel: string): boolean;
  /** Tells them something live. */
  tellHere(event: LiveEvent): void;
}

/** What the presence of accounts needs. */
export interface AccountPresencesOptions {
  readonly presence: Presence;
  readonly log: Pick<Log, "append">;
  readonly state: Pick<StateStore, "get">;
  /** How long an account is still there when its last device went: one that comes back meanwhile was never away. */
  readonly graceMs: number;
  /** Hears of what failed and nobody waits for. */
  readonly onError: (error: unknown) => void;
}

/** An account whose devices may all be gone. */
interface Leaving {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Whether this node writes down when it was: a device of its own was among them, or of a node that is no more. */
  readonly isOurs: boolean;
}

/** How it is with an account's devices. */
interface RoomStatus {
  readonly status: AccountPresence["status"];
  readonly isEmpty: boolean;
  /** When the last one left, if none is there and the grace is not over; milliseconds since the Unix epoch. */
  readonly leftAt: number | null;
}

/** Type of the rooms whose members are the devices of one account; declared nowhere, so that no client gets in. */
const ROOM_TYPE = "_online";
/** Begins the seat of a device that is away. */
const AWAY = "away:";
/** What left within this time of what was noted down is no later leaving: the backend's clock is not this node's. */
const SAME_MS = 1_000;
/** Accounts looked after at once when many go together. */
const BATCH = 200;

/**
 * Whether accounts are there, over all their devices on all nodes. The devices of an account are the members of a room, which
 * knows who left it of late; so every node can say how it is. Only when a device leaves is its account noted down, to be looked
 * after when the grace is over: to write down when it was last seen, and to tell those who watch.
 */
export class AccountPresences {
  readonly #presence: Presence;
  readonly #log: Pick<Log, "append">;
  readonly #state: Pick<StateStore, "get">;
  readonly #graceMs: number;
  readonly #onError: (error: unknown) => void;
  /** By room, who left first at the front. */
  readonly #leaving = new Map<string, Leaving>();
  /** What is being done for a connection of this node: one thing after the other, so that the last one counts. */
  readonly #underWay = new Map<string, Promise<void>>();
  #audience: PresenceAudience | null = null;
  #listening: Listening | null = null;
  /** Rooms of those whom somebody on this node watches. */
  readonly #watched = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isSettling = false;
  /** What the timer does; never rejects, since who can't be looked after is told one by one. */
  #settling: Promise<void> = Promise.resolve();

  constructor({ presence, log, state, graceMs, onError }: AccountPresencesOptions) {
    this.#presence = presence;
    this.#log = log;
    this.#state = state;
    this.#graceMs = graceMs;
    this.#onError = onError;
  }

  /** Begins to listen, when presence has started. */
  start(audience: PresenceAudience): void {
    this.#audience = audience;
    this.#listening = this.#presence.watch({
      onEvent: (event) => this.#onLive(event),
      onMissed: () => this.#onMissed(),
    });
  }

  /** Follows what those need to know who are subscribed to a channel or pattern; resolves with what ends it. */
  async follow(name: string): Promise<() => void> {
    const account = watchedAccount(name);
    if (account === undefined || this.#listening === null) return nothing;
    const room = roomOf(account);
    const end = await this.#listening.follow(room);
    this.#watched.add(room);
    return () => {
      this.#watched.delete(room);
      end();
    };
  }

  /** A device has connected. */
  arrive(account: AccountRef, client: string): Promise<void> {
    const member = memberOf(account, client, "online");
    return this.#inTurn(client, () => this.#presence.join(roomOf(account), member));
  }

  /** A device that is connected says how it is with it. */
  setStatus(account: AccountRef, client: string, status: DeviceStatus): Promise<void> {
    const room = roomOf(account);
    return this.#inTurn(client, async () => {
      // First out, then in: between the two it counts as leaving, which nobody is told before the grace is over.
      await this.#presence.leave(room, seatOf(client, status === "away" ? "online" : "away"));
      await this.#presence.join(room, memberOf(account, client, status));
    });
  }

  /** A device has gone. */
  depart(account: AccountRef, client: string): Promise<void> {
    const room = roomOf(account);
    return this.#inTurn(client, async () => {
      try {
        await this.#presence.leave(room, seatOf(client, "online"));
        await this.#presence.leave(room, seatOf(client, "away"));
      } finally {
        this.#note(room, true);
      }
    });
  }

  /** How it is with accounts, in their order. Those that nobody knows are offline. */
  async of(platform: string, accountIds: readonly string[]): Promise<AccountPresence[]> {
    const rooms = accountIds.map((accountId) => roomOf({ platform, accountId }));
    const statuses = await Promise.all(rooms.map((room) => this.#statusOf(room)));
    const offline = accountIds.filter((_, i) => statuses[i] === "offline");
    const keys = offline.map((id) => seenKey(notificationChannel(platform, id)));
    const { values } = keys.length === 0 ? { values: [] } : await this.#state.get(keys);
    const seenAt = new Map(offline.map((id, i) => [id, (values[i] as number | undefined) ?? null]));
    return accountIds.map((account, i) => {
      const lastSeenAt = seenAt.get(account) ?? null;
      return { account, status: statuses[i] ?? "offline", lastSeenAt };
    });
  }

  /** Writes down at once who has gone, and listens no more. */
  async close(): Promise<void> {
    this.#audience = null;
    clearTimeout(this.#timer);
    // Those who are going are heard of yet, and those who are looked after already are not looked after twice.
    await Promise.allSettled(this.#underWay.values());
    this.#listening?.stop();
    await this.#settling;
    await this.#settleAll(Number.POSITIVE_INFINITY);
  }

  #inTurn(client: string, work: () => Promise<void>): Promise<void> {
    const before = this.#underWay.get(client);
    const turn = before === undefined ? work() : before.then(work, work);
    this.#underWay.set(client, turn);
    const end = (): void => {
      if (this.#underWay.get(client) === turn) this.#underWay.delete(client);
    };
    turn.then(end, end);
    return turn;
  }

  async #statusOf(room: string): Promise<AccountPresence["status"]> {
    const { status, leftAt } = await this.#look(room);
    // Those who watch are told when its grace is over, also where it was not heard that it left.
    const isNews = leftAt !== null && !this.#leaving.has(room);
    if (isNews && this.#audience?.isWatched(watchedBy(room))) this.#note(room, false, leftAt);
    return status;
  }

  /** Until the grace is over it is with an account without devices as it was with the one that left last. */
  async #look(room: string): Promise<RoomStatus> {
    const devices = await this.#presence.lately(room, this.#graceMs);
    const there = devices.filter(({ leftAgoMs }) => leftAgoMs === null);
    const isEmpty = there.length === 0;
    const last = isEmpty ? devices.at(-1) : undefined;
    const counting = last === undefined ? there : [last];
    if (counting.length === 0) return { status: "offline", isEmpty, leftAt: null };
    const isAway = counting.every(({ client }) => client.startsWith(AWAY));
    const leftAt = last === undefined ? null : Math.round(Date.now() - (last.leftAgoMs ?? 0));
    return { status: isAway ? "away" : "online", isEmpty, leftAt };
  }

  #onLive(event: LiveEvent): void {
    if (event.type === "signal" || !isRoom(event.channel)) return;
    const { type, channel: room } = event;
    if (type === "leave") {
      // Of a device whose node died, the node that took it off writes down when that was.
      this.#note(room, event.isOrphan === true);
      return;
    }
    this.#leaving.delete(room);
    if (this.#audience?.isWatched(watchedBy(room))) this.#run(this.#tellNow(room));
  }

  /** Has an account looked after when the grace is over. @param leftAt when it left; default: now */
  #note(room: string, isOurs: boolean, leftAt?: number): void {
    const before = this.#leaving.get(room);
    const at = leftAt ?? Date.now();
    this.#leaving.delete(room);
    // Of one that was heard of late, others may be noted down already who left later: they stay behind it.
    const later = leftAt === undefined ? [] : [...this.#leaving].filter(([, one]) => one.at > at);
    this.#leaving.set(room, { at, isOurs: isOurs || before?.isOurs === true });
    for (const [other, leaving] of later) {
      this.#leaving.delete(other);
      this.#leaving.set(other, leaving);
    }
    this.#schedule();
  }

  /** Those who watch are told how it is now. */
  #onMissed(): void {
    for (const room of this.#watched) this.#run(this.#tellNow(room));
  }

  #schedule(): void {
    const [first] = this.#leaving.values();
    if (first === undefined || this.#audience === null || this.#isSettling) return;
    clearTimeout(this.#timer);
    const waitMs = Math.max(0, first.at + this.#graceMs - Date.now());
    this.#timer = setTimeout(() => {
      this.#isSettling = true;
      this.#settling = this.#settleAll(Date.now() - this.#graceMs).finally(() => {
        this.#isSettling = false;
        this.#schedule();
      });
    }, waitMs);
    this.#timer.unref();
  }

  /** Looks after those who left up to then, and have not come back. */
  async #settleAll(leftUntil: number): Promise<void> {
    for (;;) {
      const due: [string, Leaving][] = [];
      for (const [room, leaving] of this.#leaving) {
        if (leaving.at > leftUntil || due.length === BATCH) break;
        due.push([room, leaving]);
      }
      if (due.length === 0) return;
      await Promise.all(due.map(([room, leaving]) => this.#settle(room, leaving)));
    }
  }

  async #settle(room: string, leaving: Leaving): Promise<void> {
    const isStillSo = (): boolean => this.#leaving.get(room) === leaving;
    try {
      const { status, isEmpty, leftAt } = await this.#look(room);
      const isLater = leftAt !== null && leftAt > leaving.at + SAME_MS;
      // Another one left, elsewhere. A node that closes can't wait for that.
      if (isLater && this.#audience !== null) return this.#note(room, false, leftAt);
      if (isEmpty && leaving.isOurs) await this.#writeDown(room, leftAt ?? leaving.at);
      // Who came back meanwhile was told of.
      if (isStillSo()) this.#tell(room, isEmpty ? "offline" : status, isEmpty ? leaving.at : null);
    } catch (error) {
      this.#onError(error);
    } finally {
      if (isStillSo()) this.#leaving.delete(room);
    }
  }

  /** Accounts that no model knows are not in the log either. */
  async #writeDown(room: string, at: number): Promise<void> {
    const { platform, id } = parseChannelName(room);
    const { values } = await this.#state.get([accountKey(platform, id)]);
    if (values[0] === undefined) return;
    await this.#log.append({
      channel: notificationChannel(platform, id),
      id: createEntryId(),
      kind: "seen",
      sender: accountAddress(id),
      dataJson: JSON.stringify({ at } satisfies EntryData<"seen">),
    });
  }

  async #tellNow(room: string): Promise<void> {
    this.#tell(room, await this.#statusOf(room), null);
  }

  /** Tells those on this node who watch an account. */
  #tell(room: string, status: AccountPresence["status"], lastSeenAt: number | null): void {
    const channel = watchedBy(room);
    if (!this.#audience?.isWatched(channel)) return;
    const { id: account } = parseChannelName(room);
    const dataJson = JSON.stringify({ account, status, lastSeenAt } satisfies AccountPresence);
    const member: PresenceMember = { client: "", user: account };
    this.#audience.tellHere({ type: "signal", channel, member, kind: "presence", dataJson });
  }

  #run(work: Promise<void>): void {
    work.catch(this.#onError);
  }
}

function roomOf({ platform, accountId }: AccountRef): string {
  return `${platform}.${ROOM_TYPE}.${accountId}`;
}

function isRoom(channel: string): boolean {
  return channel.startsWith(`${ROOM_TYPE}.`, channel.indexOf(".") + 1) && isChannelName(channel);
}

/** The account whose presence is told on a channel; undefined for channels and patterns of any other kind. */
function watchedAccount(name: string): AccountRef | undefined {
  if (!isChannelName(name)) return undefined;
  const { platform, id: accountId } = parseChannelName(name);
  return name === presenceChannel(platform, accountId) ? { platform, accountId } : undefined;
}

function nothing(): void {}

/** The channel of those who want to know. */
function watchedBy(room: string): string {
  const { platform, id } = parseChannelName(room);
  return presenceChannel(platform, id);
}

function memberOf({ accountId }: AccountRef, client: string, status: DeviceStatus): PresenceMember {
  return { client: seatOf(client, status), user: accountId };
}

function seatOf(client: string, status: DeviceStatus): string {
  return status === "away" ? AWAY + client : client;
}
