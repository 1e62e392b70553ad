import { AnywireError } from "@anywire/types";
import type { Channel } from "../channel.ts";
import type { TimelineMessage } from "./timeline-message.ts";
import { sentBy } from "./timeline-state.ts";

/** A page of messages, and where the one before it ends. */
export interface Page {
  readonly messages: readonly TimelineMessage[];
  readonly olderBefore: number | undefined;
}

/**
 * The newest messages of a channel before an offset, in their present form; those of a channel that nobody opened are as they
 * were sent.
 * @throws {AnywireError} the server's
 */
export async function readPage(
  channel: Channel,
  before: number | undefined,
  limit: number,
): Promise<Page> {
  const query = { limit, ...(before === undefined ? {} : { before }) };
  // What came before the subscription would be in neither where the state trails.
  const waitFor = channel.lastOffset;
  try {
    const { messages, cursor, asOf } = await channel.call("message.list", { ...query, waitFor });
    const olderBefore = cursor === undefined ? undefined : Number(cursor);
    return { messages: messages.map((message) => ({ ...message, asOf })), olderBefore };
  } catch (thrown) {
    if (!(thrown instanceof AnywireError && thrown.code === "not_found")) throw thrown;
  }
  const { entries, hasMore } = await channel.history(query);
  const messages = entries.flatMap((entry) => sentBy(channel.name, entry) ?? []);
  return { messages, olderBefore: hasMore ? entries[0]?.offset : undefined };
}
