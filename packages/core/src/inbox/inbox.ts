import { accountAddress, parseChannelName, type Totals } from "@anywire/types";
import type { MembershipDocument } from "../state/documents.ts";

/** A channel that at least one account follows which is online here. */
export interface FollowedChannel {
  readonly name: string;
  /** How many messages there are. */
  messages: number;
  archived: boolean;
  readonly seats: Map<Inbox, Seat>;
}

/** One account in one channel. */
export interface Seat {
  membership: MembershipDocument;
  /** What the account's totals count for it. */
  counted: number;
}

/** What an account that is online here has: its channels, and what they add up to. */
export class Inbox {
  /** The account's notification channel. */
  readonly name: string;
  /** The account's address. */
  readonly account: string;
  /** Offset of the last entry that it was told of, or that was in the state when it was read. */
  toldOf: number;
  /** Whether it may have missed something: it is told nothing until another one, read anew, takes its place. */
  isOutdated = false;
  /** Whether that was a loss on the way, by which it may lack channels; otherwise it has all that were heard of. */
  hasGap = false;
  readonly channels = new Set<FollowedChannel>();
  /** Changes with each event. */
  readonly totals: Totals = { unread: 0, unreadChannels: 0 };

  constructor(name: string, position: number) {
    this.name = name;
    this.account = accountAddress(parseChannelName(name).id);
    this.toldOf = position;
  }

  /** Counts a channel anew: `unread` messages, or 0 when it is hidden or left. */
  count(seat: Seat, unread: number): void {
    this.totals.unread += unread - seat.counted;
    this.totals.unreadChannels += Math.sign(unread) - Math.sign(seat.counted);
    seat.counted = unread;
  }
}
