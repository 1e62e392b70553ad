import type { Listening } from "./listening.ts";

/** One connection on a channel. */
export interface PresenceMember {
  /** The connection's id. */
  readonly client: string;
  /** The account's id. */
  readonly user: string;
}

/** Somebody who is on a channel, or was a moment ago. */
export interface PresenceOccupant extends PresenceMember {
  /** How long ago it left, ms, by the clock of the backend; null while it is there. */
  readonly leftAgoMs: number | null;
}

/** How many are on a channel. */
export interface PresenceStats {
  readonly numClients: number;
  /** Different accounts among them. */
  readonly numUsers: number;
}

/** Something live on a channel that is never stored. */
export type LiveEvent =
  | {
      readonly type: "join" | "leave";
      readonly channel: string;
      readonly member: PresenceMember;
      /** On the node that took off a member whose own node died, whether it follows the channel or not. */
      readonly isOrphan?: true;
    }
  | {
      readonly type: "signal";
      readonly channel: string;
      readonly member: PresenceMember;
      /** What it is, such as `typing`. */
      readonly kind: string;
      /** Its data as JSON text. */
      readonly dataJson: string;
    };

/** Somebody who watches who comes and goes. */
export interface PresenceWatcher {
  /** Hears of every event on what is followed. Must not throw. */
  onEvent(event: LiveEvent): void;
  /** Events may have been lost on the way: who is where has to be asked anew. Nothing that came after has been told yet. Must not throw. */
  onMissed?(): void;
}

/** What a driver can do. Known before `start`, and never changes. */
export interface PresenceCapabilities {
  /** Members of a node that died are gone after this many ms; `0` when they die with the process. */
  readonly leaseMs: number;
  /** Who left a channel is known for so many ms. */
  readonly rememberMs: number;
}

/**
 * Who is on a channel, and everything live that is never stored.
 *
 * Every driver MUST keep these rules; each is a test in `describePresence`:
 * - When `join` or `leave` has resolved, `members` and `stats` on every node say so.
 * - Joining twice with one client keeps one member; leaving without being there is a no-op. Neither makes an event.
 * - A client belongs to the node that it joined through last: through another one it leaves nothing.
 * - `watch` delivers each event on a followed channel once on every node, in order for one channel and member, or says that
 *   some may have been lost; on the node itself before `join` or `leave` has resolved.
 * - Members of a node that closed are gone at once, of one that died after `leaseMs`; both make `leave` events. Of one that died,
 *   each is told as an orphan on the one node that took it off.
 * - `lately` says on every node who left, whatever became of the node that they left through.
 * - After `close`, every call rejects with `unavailable`.
 */
export interface Presence {
  readonly capabilities: PresenceCapabilities;
  /** Called once, before any other method. */
  start(): Promise<void>;
  /** Puts a member on a channel. The driver renews its lease until `leave` or `close`. */
  join(channel: string, member: PresenceMember): Promise<void>;
  /** Takes a member off a channel. */
  leave(channel: string, client: string): Promise<void>;
  /** Members of a channel in no order, at most `limit`. */
  members(channel: string, limit: number): Promise<readonly PresenceMember[]>;
  /** All members of a channel, and then who left it within that time (`rememberMs` at most): who left last comes last. */
  lately(channel: string, withinMs: number): Promise<readonly PresenceOccupant[]>;
  /** Exact counts, whatever their size. */
  stats(channel: string): Promise<PresenceStats>;
  /** Tells every node of something live; gone when nobody watches. */
  signal(event: LiveEvent & { readonly type: "signal" }): Promise<void>;
  /** Tells a watcher of every event on what it follows. */
  watch(watcher: PresenceWatcher): Listening;
  /** Takes this node's members off. A second call is a no-op. */
  close(): Promise<void>;
}
