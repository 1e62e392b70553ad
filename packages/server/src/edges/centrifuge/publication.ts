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
 * What a subscriber gets to see of an entry or signal. The official SDKs show `data`, `offset`, `info`
 * and `tags`, so `tags` have what else there is to know: the entry's `id`, `kind` and time `at`, and the
 * `channel` when the subscription is to a pattern. A signal has `kind: "signal"` and its own kind in
 * `signal`, and no offset. `user` is the account's id, or the whole address when the sender is no account.
 */
export function publicationFields({ topic, event }: Broadcast): PublicationFields {
  if (event.type === "entry") {
    const { channel, dataJson, sender, client, offset, id, kind, at } = event.entry;
    const user = accountIdOf(sender) ?? sender;
    const tags = { id, kind, at: String(at), ...channelTag(topic, channel) };
    return { dataJson, user, client, offset, tags, time: at, channel: tags.channel };
  }
  if (event.type !== "signal") throw new TypeError(`a ${event.type} is not a publication`);
  const { channel, dataJson, kind, member } = event;
  const tag = channelTag(topic, channel);
  return {
    dataJson,
    user: member.user,
    client: member.client,
    offset: 0,
    tags: { kind: "signal", signal: kind, ...tag },
    time: 0,
    channel: tag.channel,
  };
}

function channelTag(topic: string, channel: string): { readonly channel?: string } {
  return topic === channel ? {} : { channel };
}
