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
  /** What the device said that went last. */
  readonly status: DeviceStatus;
  /** Whether a device of this node was among them: it then writes down when it was, since the others may be no more. */
  readonly wasHere: boolean;
  /** Ends that the room is followed for it. */
  end: () => void;
}

/** Type of the rooms whose members are the devices of one account; declared nowhere, so that no client gets in. */
const ROOM_TYPE = "_online";
/** Begins the seat of a device that is away. */
const AWAY = "away:";
/** Of more devices the status is that of the first ones. */
const MAX_DEVICES = 1000;
/** Accounts looked after at once when many go together. */
const BATCH = 200;

/**
 * Whether accounts are there, over all their devices on all nodes. Nothing is kept for an account that is online: its devices
 * are the members of a room, and only when one leaves is the account noted down, until the grace is over.
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
  /** Connections of this node that are leaving right now, and their rooms. */
  readonly #going = new Set<string>();
  readonly #emptying = new Set<string>();
  #audience: PresenceAudience | null = null;
  #listening: Listening | null = null;
  /** Rooms of those whom somebody on this node watches. */
  readonly #watched = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
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
      this.#going.add(client);
      this.#emptying.add(room);
      // Whoever goes is looked after when the grace is over: until then the node hears of the account's other devices.
      const end = await this.#followOrNot(room);
      try {
        await this.#presence.leave(room, seatOf(client, "online"));
        await this.#presence.leave(room, seatOf(client, "away"));
      } finally {
        this.#going.delete(client);
        this.#emptying.delete(room);
        this.#followLeaving(room, end);
      }
    });
  }

  /** How it is with accounts, in their order. Those that nobody knows are offline. */
  async of(platform: string, accountIds: readonly string[]): Promise<AccountPresence[]> {
    const statuses = await Promise.all(
      accountIds.map((accountId) => this.#statusOf(roomOf({ platform, accountId }))),
    );
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
    clearTimeout(this.#timer ?? undefined);
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
    const members = await this.#presence.members(room, MAX_DEVICES);
    if (members.length === 0) return this.#lastStatus(room);
    return members.some(({ client }) => !client.startsWith(AWAY)) ? "online" : "away";
  }

  /** Of an account without devices: what it was until the grace is over. */
  #lastStatus(room: string): AccountPresence["status"] {
    return this.#leaving.get(room)?.status ?? (this.#emptying.has(room) ? "online" : "offline");
  }

  /** Whoever goes has gone, also when nothing can be followed now. */
  async #followOrNot(room: string): Promise<() => void> {
    try {
      return (await this.#listening?.follow(room)) ?? nothing;
    } catch (error) {
      this.#onError(error);
      return nothing;
    }
  }

  #followLeaving(room: string, end: () => void): void {
    const leaving = this.#leaving.get(room);
    if (leaving === undefined) {
      end();
      return;
    }
    leaving.end();
    leaving.end = end;
  }

  #onLive(event: LiveEvent): void {
    if (event.type === "signal" || !isRoom(event.channel)) return;
    const { type, channel: room, member } = event;
    const before = this.#leaving.get(room);
    // Those who leave last are last in it.
    this.#leaving.delete(room);
    if (type === "join") {
      before?.end();
      if (this.#audience?.isWatched(watchedBy(room))) this.#run(this.#tellStatus(room));
      return;
    }
    const isAway = member.client.startsWith(AWAY);
    const client = isAway ? member.client.slice(AWAY.length) : member.client;
    // Of a device whose node died, the node that took it off writes down when that was.
    const isOurs = this.#going.has(client) || event.isOrphan === true;
    this.#leaving.set(room, {
      at: Date.now(),
      status: isAway ? "away" : "online",
      wasHere: isOurs || before?.wasHere === true,
      end: before?.end ?? nothing,
    });
    this.#schedule();
  }

  /** Those who watch are told how it is now. */
  #onMissed(): void {
    for (const room of this.#watched) this.#run(this.#tellStatus(room));
  }

  #schedule(): void {
    if (this.#timer !== null) return;
    const [first] = this.#leaving.values();
    if (first === undefined || this.#audience === null) return;
    const waitMs = Math.max(0, first.at + this.#graceMs - Date.now());
    this.#timer = setTimeout(() => {
      this.#settling = this.#settleAll(Date.now() - this.#graceMs).finally(() => {
        this.#timer = null;
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
    try {
      const members = await this.#presence.members(room, 1);
      if (members.length === 0 && leaving.wasHere) await this.#writeDown(room, leaving.at);
      this.#forget(room, leaving);
      if (this.#audience?.isWatched(watchedBy(room))) await this.#tellStatus(room, leaving.at);
    } catch (error) {
      this.#forget(room, leaving);
      this.#onError(error);
    }
  }

  #forget(room: string, leaving: Leaving): void {
    if (this.#leaving.get(room) !== leaving) return;
    this.#leaving.delete(room);
    leaving.end();
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

  async #tellStatus(room: string, leftAt: number | null = null): Promise<void> {
    const channel = watchedBy(room);
    const { id: account } = parseChannelName(room);
    const status = await this.#statusOf(room);
    const lastSeenAt = status === "offline" ? leftAt : null;
    const dataJson = JSON.stringify({ account, status, lastSeenAt } satisfies AccountPresence);
    const member: PresenceMember = { client: "", user: account };
    this.#audience?.tellHere({ type: "signal", channel, member, kind: "presence", dataJson });
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
