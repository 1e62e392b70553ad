import {
  type Listening,
  type LiveEvent,
  managePresence,
  type Presence,
  type PresenceCapabilities,
  type PresenceMember,
  type PresenceOccupant,
  type PresenceStats,
  type PresenceWatcher,
} from "@anywire/core";
import { hearAll } from "../shared/hear-all.ts";

interface Seat {
  readonly member: PresenceMember;
  /** The node that joined it last. */
  node: object;
}

interface Room {
  readonly seats: Map<string, Seat>;
  /** How many clients each user has here; made with the second one, since most rooms are of one device alone. */
  users: Map<string, number> | null;
}

/** Who left a channel, and when, in the time of `performance.now`. */
interface Left {
  readonly member: PresenceMember;
  readonly at: number;
}

/** What the presences of one process share when they are made with it, as nodes share a cluster. */
export class MemoryPresenceBackend {
  readonly #rooms = new Map<string, Room>();
  readonly #watchers = new Set<(event: LiveEvent) => void>();
  /** By channel and client; who left last, and the channel that was left last, come last. */
  readonly #left = new Map<string, Map<string, Left>>();
  readonly #rememberMs: number;

  /** @param rememberMs who left a channel is known for so long */
  constructor(rememberMs = 10_000) {
    this.#rememberMs = rememberMs;
  }

  get rememberMs(): number {
    return this.#rememberMs;
  }

  /** Puts a member on a channel for a node; an event when it is new. */
  join(channel: string, member: PresenceMember, node: object): void {
    const room = this.#rooms.get(channel) ?? { seats: new Map(), users: null };
    this.#rooms.set(channel, room);
    const seat = room.seats.get(member.client);
    if (seat !== undefined) {
      seat.node = node;
      return;
    }
    room.seats.set(member.client, { member, node });
    this.#left.get(channel)?.delete(member.client);
    if (room.users !== null) addTo(room.users, member.user, 1);
    else if (room.seats.size > 1) room.users = countUsers(room.seats.values());
    this.tell({ type: "join", channel, member });
  }

  /** Takes a member off a channel if the node joined it last; an event when it was there. */
  leave(channel: string, client: string, node: object): void {
    const room = this.#rooms.get(channel);
    const seat = room?.seats.get(client);
    if (room === undefined || seat === undefined || seat.node !== node) return;
    const { member } = seat;
    room.seats.delete(client);
    if (room.users !== null) addTo(room.users, member.user, -1);
    if (room.seats.size === 0) this.#rooms.delete(channel);
    this.#remember(channel, member);
    this.tell({ type: "leave", channel, member });
  }

  /** Takes off every member that the node joined last. */
  leaveAll(node: object): void {
    for (const [channel, room] of this.#rooms) {
      for (const client of room.seats.keys()) this.leave(channel, client, node);
    }
  }

  /** Members of a channel, at most `limit`. */
  members(channel: string, limit: number): readonly PresenceMember[] {
    const members: PresenceMember[] = [];
    for (const { member } of this.#rooms.get(channel)?.seats.values() ?? []) {
      if (members.length >= limit) break;
      members.push(member);
    }
    return members;
  }

  /** Members of a channel, and who left it within that time. */
  lately(channel: string, withinMs: number): readonly PresenceOccupant[] {
    const members = this.members(channel, Number.POSITIVE_INFINITY);
    const now = performance.now();
    const gone = [...(this.#left.get(channel)?.values() ?? [])]
      .map(({ member, at }) => ({ ...member, leftAgoMs: now - at }))
      .filter(({ leftAgoMs }) => leftAgoMs < withinMs);
    return [...members.map((member) => ({ ...member, leftAgoMs: null })), ...gone];
  }

  /** Exact counts of a channel. */
  stats(channel: string): PresenceStats {
    const room = this.#rooms.get(channel);
    const numClients = room?.seats.size ?? 0;
    return { numClients, numUsers: room?.users?.size ?? numClients };
  }

  #remember(channel: string, member: PresenceMember): void {
    const at = performance.now();
    const here = this.#left.get(channel) ?? new Map<string, Left>();
    here.delete(member.client);
    here.set(member.client, { member, at });
    this.#left.delete(channel);
    this.#left.set(channel, here);
    // A channel that is left all the time never comes to the front.
    this.#forgetOld(here, at);
    for (const [name, left] of this.#left) {
      this.#forgetOld(left, at);
      if (left.size > 0) break;
      this.#left.delete(name);
    }
  }

  #forgetOld(left: Map<string, Left>, now: number): void {
    for (const [client, { at }] of left) {
      if (now - at < this.#rememberMs) break;
      left.delete(client);
    }
  }

  /** Hands an event to all who watch. */
  tell(event: LiveEvent): void {
    for (const deliver of this.#watchers) deliver(event);
  }

  /** Hears every event until the returned function is called. */
  watch(deliver: (event: LiveEvent) => void): () => void {
    // A function of its own, so that one `deliver` can watch twice.
    const own = (event: LiveEvent): void => deliver(event);
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }
}

function countUsers(seats: Iterable<Seat>): Map<string, number> {
  const users = new Map<string, number>();
  for (const { member } of seats) addTo(users, member.user, 1);
  return users;
}

function addTo(users: Map<string, number>, user: string, change: 1 | -1): void {
  const clients = (users.get(user) ?? 0) + change;
  if (clients > 0) users.set(user, clients);
  else users.delete(user);
}

/** A `Presence` within one process, where members cannot outlive their node. */
export function createMemoryPresence(
  backend: MemoryPresenceBackend = new MemoryPresenceBackend(),
): Presence {
  return managePresence(new MemoryPresence(backend));
}

class MemoryPresence implements Presence {
  readonly capabilities: PresenceCapabilities;
  readonly #backend: MemoryPresenceBackend;
  readonly #stops = new Set<() => void>();

  constructor(backend: MemoryPresenceBackend) {
    this.#backend = backend;
    this.capabilities = { leaseMs: 0, rememberMs: backend.rememberMs };
  }

  async start(): Promise<void> {}

  async join(channel: string, member: PresenceMember): Promise<void> {
    this.#backend.join(channel, member, this);
  }

  async leave(channel: string, client: string): Promise<void> {
    this.#backend.leave(channel, client, this);
  }

  async members(channel: string, limit: number): Promise<readonly PresenceMember[]> {
    return this.#backend.members(channel, limit);
  }

  async lately(channel: string, withinMs: number): Promise<readonly PresenceOccupant[]> {
    return this.#backend.lately(channel, withinMs);
  }

  async stats(channel: string): Promise<PresenceStats> {
    return this.#backend.stats(channel);
  }

  async signal(event: LiveEvent & { readonly type: "signal" }): Promise<void> {
    this.#backend.tell(event);
  }

  watch(watcher: PresenceWatcher): Listening {
    const unwatch = this.#backend.watch((event) => watcher.onEvent(event));
    const stop = (): void => {
      unwatch();
      this.#stops.delete(stop);
    };
    this.#stops.add(stop);
    return hearAll(stop);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#backend.leaveAll(this);
  }
}
