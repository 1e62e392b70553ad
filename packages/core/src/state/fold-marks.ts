import { AnywireError, type EntryData } from "@anywire/types";
import type { MembershipDocument } from "./documents.ts";
import type { FoldEntry } from "./fold.ts";
import { activeParticipant, openChannel } from "./fold-channel.ts";
import { presentMessage } from "./fold-message.ts";
import { membershipKey, outOfSightKey, participantKey } from "./state-key.ts";
import type { StateView } from "./state-view.ts";

/** How far an account has read. @throws {AnywireError} `not_found`, `bad_request` */
export function foldRead(view: StateView, entry: FoldEntry, data: EntryData<"read">): void {
  const { channel, offset, ordinal, back } = data;
  const membership = activeMembership(view, entry, channel);
  if (ordinal > openChannel(view, channel).messages) {
    throw new AnywireError("bad_request", `offset ${offset} is beyond the end of ${channel}`);
  }
  // Of two devices, the one that has read less says nothing new.
  if (!back && ordinal <= membership.readOrdinal) return;
  setMembership(view, entry, { ...membership, readOffset: offset, readOrdinal: ordinal });
  const participant = activeParticipant(view, channel, entry.sender);
  const deliveredOffset = Math.max(participant.deliveredOffset, offset);
  view.set(participantKey(channel, entry.sender), {
    ...participant,
    readOffset: offset,
    deliveredOffset,
  });
}

/** How much an account has got on some device. @throws {AnywireError} `not_found` */
export function foldDelivered(
  view: StateView,
  entry: FoldEntry,
  data: EntryData<"delivered">,
): void {
  const { channel, offset } = data;
  activeMembership(view, entry, channel);
  const participant = activeParticipant(view, channel, entry.sender);
  if (offset <= participant.deliveredOffset) return;
  view.set(participantKey(channel, entry.sender), { ...participant, deliveredOffset: offset });
}

/** Until when an account wants to be left in peace. @throws {AnywireError} `not_found` */
export function foldMute(view: StateView, entry: FoldEntry, data: EntryData<"mute">): void {
  const membership = activeMembership(view, entry, data.channel);
  setMembership(view, entry, { ...membership, mutedUntil: data.until });
}

/** Whether a channel is hidden until something is said. @throws {AnywireError} `not_found` */
export function foldHide(view: StateView, entry: FoldEntry, data: EntryData<"hide">): void {
  const membership = activeMembership(view, entry, data.channel);
  setMembership(view, entry, { ...membership, hiddenOrdinal: data.ordinal });
}

/** A message that an account does not want to see. @throws {AnywireError} `not_found`, `conflict` */
export function foldDeleteForMe(
  view: StateView,
  entry: FoldEntry,
  data: EntryData<"delete_for_me">,
): void {
  activeMembership(view, entry, data.channel);
  presentMessage(view, data.channel, data.target);
  view.set(outOfSightKey(entry.channel, data.channel, data.target), true);
}

/** These entries stand on the account's notification channel, whose name is the account's partition. */
function activeMembership(view: StateView, entry: FoldEntry, channel: string): MembershipDocument {
  const membership = view.get(membershipKey(entry.channel, channel));
  if (membership !== undefined && membership.leftOffset === null) return membership;
  throw new AnywireError("not_found", `${entry.sender} does not take part in ${channel}`);
}

function setMembership(view: StateView, entry: FoldEntry, membership: MembershipDocument): void {
  view.set(membershipKey(entry.channel, membership.channel), membership);
}
