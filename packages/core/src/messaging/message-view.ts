import { accountAddress, type Message, type MessageView } from "@anywire/types";
import type { LogEntry } from "../ports/log.ts";
import type { MessageDocument } from "../state/documents.ts";
import { reactionKey } from "../state/state-key.ts";
import type { MessagingContext } from "./messaging-context.ts";
import type { Caller } from "./operation.ts";

/** Messages of a channel in their present form, in the order of their documents. */
export async function viewMessages(
  context: MessagingContext,
  caller: Caller,
  channel: string,
  documents: readonly MessageDocument[],
): Promise<MessageView[]> {
  const unedited = documents.filter(({ edited, deleted }) => edited === null && !deleted);
  const entries = await readEntries(context, channel, unedited);
  const mine = await ownReactions(context, caller, channel, documents);
  return documents.map((document) => {
    const { id, offset, sender, at, editedAt, deleted, pinned, replies } = document;
    const entry = entries.get(offset);
    const said = entry === undefined ? null : (JSON.parse(entry.dataJson) as Message);
    return {
      id,
      channel,
      offset,
      sender,
      at,
      version: document.edits.length + 1,
      editedAt,
      deleted,
      pinned,
      replies,
      reactions: document.reactions.map(({ emoji, count, accounts }) => {
        return { emoji, count, mine: mine.has(`${id} ${emoji}`), accounts: [...accounts] };
      }),
      data: deleted ? null : (document.edited ?? said),
      ...(document.deliveries && { deliveries: [...document.deliveries] }),
    };
  });
}

/** The entries of messages, by offset. Most lie close together, so they are read at once; others one by one. */
async function readEntries(
  { log }: MessagingContext,
  channel: string,
  documents: readonly MessageDocument[],
): Promise<Map<number, LogEntry>> {
  const offsets = documents.map(({ offset }) => offset);
  const found = new Map<number, LogEntry>();
  if (offsets.length === 0) return found;
  const first = Math.min(...offsets);
  const last = Math.max(...offsets);
  const page = await log.read({
    pattern: channel,
    after: first - 1,
    before: last + 1,
    limit: 2 * offsets.length,
    order: "asc",
  });
  for (const entry of page.entries) found.set(entry.offset, entry);
  const missing = offsets.filter((offset) => !found.has(offset));
  const pages = await Promise.all(
    missing.map((offset) =>
      log.read({ pattern: channel, after: offset - 1, limit: 1, order: "asc" }),
    ),
  );
  for (const { entries } of pages) for (const entry of entries) found.set(entry.offset, entry);
  return found;
}

async function ownReactions(
  context: MessagingContext,
  { principal }: Caller,
  channel: string,
  documents: readonly MessageDocument[],
): Promise<Set<string>> {
  const own = accountAddress(principal.accountId);
  const pairs = documents.flatMap(({ id, reactions }) =>
    reactions.map(({ emoji }) => ({ id, emoji })),
  );
  const found = await context.getAll(
    pairs.map(({ id, emoji }) => reactionKey(channel, id, emoji, own)),
  );
  return new Set(
    pairs.filter((_, i) => found[i] === true).map(({ id, emoji }) => `${id} ${emoji}`),
  );
}
