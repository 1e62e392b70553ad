import type { ChannelSummary } from "@anywire/types";
import { describeTypes } from "../attachments/describe-part.ts";
import type { NameOf } from "../conversation/account-names.ts";
import { listNames } from "../conversation/people.ts";

/**
 * What an account calls one of its channels: of a direct one the other, otherwise its title, or else who is in it: those
 * outside, where it leads there.
 */
export function titleOf(row: ChannelSummary, self: string | undefined, nameOf: NameOf): string {
  if (row.title !== null && row.type !== "direct") return row.title;
  const others = row.participants.filter((address) => address !== self);
  const outside = others.filter(isOutside);
  const named = outside.length > 0 ? outside : others;
  return named.length === 0 ? "Only you" : listNames(named.map(nameOf));
}

/** The other account of a direct channel. */
export function peerOf(
  { type, participants }: ChannelSummary,
  self: string | undefined,
): string | undefined {
  if (type !== "direct") return undefined;
  return participants.find((address) => address !== self && address.startsWith("account:"));
}

/** The network that a channel leads over; undefined for one that stays in the app. */
export function networkOf({ type, participants }: ChannelSummary): string | undefined {
  return participants.some(isOutside) ? type : undefined;
}

/** What to call a channel of which only the name is known. */
export function titleOfName(channel: string): string {
  const id = channel.slice(channel.lastIndexOf(".") + 1);
  return id.charAt(0).toUpperCase() + id.slice(1);
}

/** A line about what was last said. */
export function previewOf(
  { lastMessage, type, participants }: ChannelSummary,
  self: string | undefined,
  nameOf: NameOf,
): string {
  if (lastMessage === null) return "No messages yet";
  const { sender, deleted, text, parts } = lastMessage;
  const said = deleted ? "Message deleted" : text || describeTypes(parts);
  if (sender === self) return `You: ${said}`;
  const isPlain =
    type === "direct" || (isOutside(sender) && participants.filter(isOutside).length === 1);
  return isPlain ? said : `${nameOf(sender)}: ${said}`;
}

/** Whether a channel is mute at `now`, milliseconds since the Unix epoch. */
export function isMuted({ mutedUntil }: ChannelSummary, now: number): boolean {
  return mutedUntil !== null && mutedUntil > now;
}

function isOutside(address: string): boolean {
  return address.startsWith("contact:");
}
