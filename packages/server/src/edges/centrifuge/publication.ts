import type { Broadcast, HubEvent } from "@anywire/core";
import { accountIdOf } from "@anywire/types";

/** A publication's fields, before any encoding. */
export interface PublicationFields {
  readonly dataJson: string;
  readonly user: string;
  readonly client: string | undefined;
  readonly offset: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the Unix epoch; `0` for what is not stored. */
  readonly time: number;
  /** The channel, when the subscription is to a pattern. */
  readonly channel: string | undefined;
}

/** Entries and signals travel as publications, joins and leaves as pushes of their own. */
type PublicationEvent = Extract<HubEvent, { type: "entry" | "signal" }>;

/** Whether a broadcast travels as a publication. */
export function isPublication(event: HubEvent): event is PublicationEvent {
  return event.type === "entry" || event.type === "signal";
}

/**
 * What a subscriber gets to see of an entry or signal. `tags` name the entry's `id` and `kind`; a
 * signal has `kind: "signal"` and its own kind in `signal`, and no offset. `user` is the account's id,
 * or the whole address when the sender is no account.
 */
export function publicationFields({ topic, event }: Broadcast): PublicationFields {
  if (event.type === "entry") {
    const { channel, dataJson, sender, client, offset, id, kind, at } = event.entry;
    const user = accountIdOf(sender) ?? sender;
    const tags = { id, kind };
    return { dataJson, user, client, offset, tags, time: at, channel: unless(topic, channel) };
  }
  if (event.type !== "signal") throw new TypeError(`a ${event.type} is not a publication`);
  const { channel, dataJson, kind, member } = event;
  return {
    dataJson,
    user: member.user,
    client: member.client,
    offset: 0,
    tags: { kind: "signal", signal: kind },
    time: 0,
    channel: unless(topic, channel),
  };
}

function unless(topic: string, channel: string): string | undefined {
  return topic === channel ? undefined : channel;
}
