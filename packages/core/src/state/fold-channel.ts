import { AnywireError, type EntryData, type Role } from "@anywire/types";
import type { ChannelDocument, ParticipantDocument } from "./documents.ts";
import type { FoldEntry } from "./fold.ts";
import { channelKey, membershipKeyOf, PARTICIPANT, participantKey } from "./state-key.ts";
import type { StateView } from "./state-view.ts";

/** Participants that a channel's document names. */
const NAMED = 20;

/** A channel that was opened. @throws {AnywireError} `conflict` */
export function foldOpened(view: StateView, entry: FoldEntry, data: EntryData<"opened">): void {
  if (view.get(channelKey(entry.channel)) !== undefined) {
    throw new AnywireError("conflict", `${entry.channel} is open already`);
  }
  const { participants: _, ...given } = data;
  const empty: ChannelDocument = {
    ...given,
    channel: entry.channel,
    archived: false,
    createdAt: entry.at,
    participants: [],
    participantCount: 0,
    ownerCount: 0,
    messages: 0,
    deletions: 0,
    lastMessage: null,
    activityOffset: entry.offset,
    activityAt: entry.at,
    changedOffset: entry.offset,
    pins: [],
  };
  setChannel(view, entry, seat(view, entry, empty, data.participants));
}

/** What changed of a channel itself. @throws {AnywireError} `not_found` */
export function foldUpdated(view: StateView, entry: FoldEntry, data: EntryData<"updated">): void {
  const channel = openChannel(view, entry.channel);
  const given = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
  setChannel(view, entry, { ...channel, ...given });
}

/** Who was added; those who take part already stay as they are. @throws {AnywireError} `not_found`, `conflict` */
export function foldAdded(view: StateView, entry: FoldEntry, data: EntryData<"added">): void {
  const channel = changeableChannel(view, entry.channel);
  setChannel(view, entry, seat(view, entry, channel, data.participants));
}

/** Who was removed or left. @throws {AnywireError} `not_found`, `conflict` */
export function foldRemoved(view: StateView, entry: FoldEntry, data: EntryData<"removed">): void {
  let channel = changeableChannel(view, entry.channel);
  for (const address of new Set(data.participants)) {
    const participant = activeParticipant(view, entry.channel, address);
    view.set(participantKey(entry.channel, address), { ...participant, leftOffset: entry.offset });
    const key = membershipKeyOf(entry.channel, address);
    const membership = key === undefined ? undefined : view.get(key);
    if (key !== undefined && membership !== undefined) {
      view.set(key, { ...membership, leftOffset: entry.offset });
    }
    channel = {
      ...channel,
      participants: channel.participants.filter((named) => named !== address),
      participantCount: channel.participantCount - 1,
      ownerCount: channel.ownerCount - (participant.role === "owner" ? 1 : 0),
    };
  }
  assertOwned(channel);
  setChannel(view, entry, { ...channel, participants: named(view, channel) });
}

/** A participant's new role. @throws {AnywireError} `not_found`, `conflict` */
export function foldRole(view: StateView, entry: FoldEntry, data: EntryData<"role">): void {
  const channel = changeableChannel(view, entry.channel);
  const { participant: address, role } = data;
  const participant = activeParticipant(view, entry.channel, address);
  view.set(participantKey(entry.channel, address), { ...participant, role });
  const key = membershipKeyOf(entry.channel, address);
  const membership = key === undefined ? undefined : view.get(key);
  if (key !== undefined && membership !== undefined) view.set(key, { ...membership, role });
  const ownerCount = channel.ownerCount + isOwner(role) - isOwner(participant.role);
  const changed = { ...channel, ownerCount };
  assertOwned(changed);
  setChannel(view, entry, changed);
}

/**
 * A channel that was opened.
 * @throws {AnywireError} `not_found`
 */
export function openChannel(view: StateView, name: string): ChannelDocument {
  const channel = view.get(channelKey(name));
  if (channel !== undefined) return channel;
  throw new AnywireError("not_found", `nobody has opened ${name}; open it first`);
}

/** Sets a channel that an entry changes. */
export function setChannel(view: StateView, entry: FoldEntry, channel: ChannelDocument): void {
  view.set(channelKey(entry.channel), { ...channel, changedOffset: entry.offset });
}

/**
 * Somebody who takes part in a channel.
 * @throws {AnywireError} `not_found`
 */
export function activeParticipant(
  view: StateView,
  channel: string,
  address: string,
): ParticipantDocument {
  const participant = view.get(participantKey(channel, address));
  if (participant !== undefined && participant.leftOffset === null) return participant;
  throw new AnywireError("not_found", `${address} does not take part in ${channel}`);
}

function changeableChannel(view: StateView, name: string): ChannelDocument {
  const channel = openChannel(view, name);
  if (!channel.isFixed) return channel;
  throw new AnywireError(
    "conflict",
    `${name} is known by its participants, so they never change; open another channel, or hide this one`,
  );
}

function assertOwned({ channel, ownerCount, participantCount }: ChannelDocument): void {
  if (ownerCount > 0 || participantCount === 0) return;
  throw new AnywireError(
    "conflict",
    `${channel} would be left without an owner; make another participant its owner first`,
  );
}

/** Gives those who do not take part yet their seats. Returns the channel with them. */
function seat(
  view: StateView,
  entry: FoldEntry,
  channel: ChannelDocument,
  seats: EntryData<"added">["participants"],
): ChannelDocument {
  const { participants, ...rest } = channel;
  const named = [...participants];
  let { participantCount, ownerCount } = rest;
  for (const { address, role } of seats) {
    const known = view.get(participantKey(entry.channel, address));
    if (known !== undefined && known.leftOffset === null) continue;
    join(view, entry, channel, address, role);
    participantCount += 1;
    ownerCount += isOwner(role);
    if (named.length < NAMED) named.push(address);
  }
  return { ...channel, participants: named, participantCount, ownerCount };
}

function join(
  view: StateView,
  entry: FoldEntry,
  channel: ChannelDocument,
  address: string,
  role: Role,
): void {
  const joined = { role, joinedOffset: entry.offset, leftOffset: null, readOffset: entry.offset };
  view.set(participantKey(entry.channel, address), {
    ...joined,
    address,
    joinedAt: entry.at,
    deliveredOffset: entry.offset,
  });
  const key = membershipKeyOf(entry.channel, address);
  if (key === undefined) return;
  view.set(key, {
    ...joined,
    channel: entry.channel,
    visibleAfter: channel.history === "all" ? 0 : entry.offset,
    readOrdinal: channel.messages,
    mutedUntil: null,
    hiddenOrdinal: null,
  });
}

/** Those whom the channel's document names: when many of them have gone, others take their place. */
function named(view: StateView, channel: ChannelDocument): readonly string[] {
  const { participants, participantCount } = channel;
  if (participants.length >= Math.min(NAMED / 2, participantCount)) return participants;
  return view
    .list<ParticipantDocument>(channel.channel, PARTICIPANT, Number.MAX_SAFE_INTEGER)
    .filter(({ leftOffset }) => leftOffset === null)
    .slice(0, NAMED)
    .map(({ address }) => address);
}

function isOwner(role: Role): 0 | 1 {
  return role === "owner" ? 1 : 0;
}
