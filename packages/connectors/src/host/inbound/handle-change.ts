import { externalKey, type MessageDocument, messageKey, stableId } from "@anywire/core";
import { AnywireError, emojiSchema, type Message, messageSchema } from "@anywire/types";
import type { InboundDelete, InboundEdit, InboundReaction } from "../../contract/inbound-event.ts";
import { wellFormed } from "./clean-text.ts";
import { fitMessage } from "./fit-message.ts";
import { type InboundDesk, isExternalId, NotKnownYet, type Work } from "./inbound-desk.ts";
import type { InboundOutcome } from "./inbound-options.ts";
import { type KnownContact, knownContact, seatOf } from "./known-contact.ts";

/** What an event is about, and who says so. */
interface Target {
  readonly channel: string;
  readonly message: MessageDocument;
  readonly contact: KnownContact;
}

/** In a message's `meta`: when it was edited as the network says. Of two edits that overtake each other the later one holds. */
const EDITED_AT = "editedAt";

/** Somebody changed what they wrote. */
export async function handleEdit(
  desk: InboundDesk,
  work: Work<InboundEdit>,
): Promise<InboundOutcome> {
  const { platform, connection, event } = work;
  const { channel, message, contact } = await targetOf(desk, work);
  if (!isTheirs(message, contact) || message.deleted) return "ignored";
  const before = await saidBefore(desk, channel, message);
  const editedAt = before?.meta?.[EDITED_AT];
  if (before === undefined) return "ignored";
  if (typeof editedAt === "number" && editedAt > event.at) return "ignored";
  const { text: _, ...rest } = before;
  const text = wellFormed(event.text);
  const meta = { ...rest.meta, [EDITED_AT]: event.at };
  const edited: Message = { ...rest, ...(text === "" ? {} : { text }), meta };
  if (edited.text === undefined && edited.parts === undefined) return "ignored";
  const fitting = await fitMessage(desk, work, edited);
  const change = event.changeId ?? `${event.at} ${event.text}`;
  const draft = {
    channel,
    id: stableId(["edit", connection.document.id, event.externalId, change]),
    kind: "edit",
    sender: message.sender,
    dataJson: JSON.stringify({ target: message.id, message: fitting }),
  } as const;
  const reviewed = await desk.options.pipeline.review(desk.principal(platform), draft);
  return await unlessRefused(desk.append({ ...reviewed, channel }));
}

/** Somebody took back what they wrote. */
export async function handleDelete(
  desk: InboundDesk,
  work: Work<InboundDelete>,
): Promise<InboundOutcome> {
  const { connection, event } = work;
  const { channel, message, contact } = await targetOf(desk, work);
  if (!isTheirs(message, contact)) return "ignored";
  const id = stableId(["delete", connection.document.id, event.externalId]);
  const place = { channel, id, sender: message.sender };
  return await unlessRefused(desk.record("delete", place, { target: message.id }));
}

/** Somebody put a mark on a message, or took it off. */
export async function handleReaction(
  desk: InboundDesk,
  work: Work<InboundReaction>,
): Promise<InboundOutcome> {
  const { connection, event } = work;
  const { channel, message, contact } = await targetOf(desk, work);
  const { emoji, action, at, replaces = false } = event;
  const sender = (await seatOf(desk, channel, contact.names)) ?? contact.names[0];
  const marks = message.reactions.filter(({ accounts }) => accounts.includes(sender));
  // Some networks do not say which one went.
  const isNameless = emoji === "" && action === "remove";
  const mark = isNameless ? marks[0]?.emoji : emoji;
  if (mark === undefined || !emojiSchema.safeParse(mark).success) return "ignored";
  const put = async (what: string, how: "add" | "remove", told: string) => {
    const cause = [connection.document.id, event.externalId, contact.names[0], told, how, `${at}`];
    const place = { channel, id: stableId(["reaction", ...cause]), sender };
    const data = { target: message.id, emoji: what, action: how };
    return await unlessRefused(desk.record("reaction", place, data));
  };
  const outcome = await put(mark, action, emoji);
  // Told again it replaces nothing: what is there by then may have come after it.
  if (outcome !== "done" || action !== "add" || !replaces) return outcome;
  for (const other of marks) {
    if (other.emoji !== mark) await put(other.emoji, "remove", `${mark} for ${other.emoji}`);
  }
  return outcome;
}

/** @throws {NotKnownYet} when there is no such message, or nobody is known by such an address */
async function targetOf(
  desk: InboundDesk,
  { platform, connection, event }: Work<InboundEdit | InboundDelete | InboundReaction>,
): Promise<Target> {
  const { externalId, sender } = event;
  if (!isExternalId(externalId)) throw new NotKnownYet(`no message is called ${externalId}`);
  const known = await desk.get(externalKey(platform, connection.document.id, externalId));
  const message =
    known === undefined ? undefined : await desk.get(messageKey(known.channel, known.message));
  const contact = await knownContact(desk, platform, sender);
  if (known === undefined || message === undefined || contact === undefined) {
    throw new NotKnownYet(`message ${externalId} is not known, or who it is from`);
  }
  return { channel: known.channel, message, contact };
}

function isTheirs({ sender }: MessageDocument, { names }: KnownContact): boolean {
  return names.includes(sender);
}

/** What a message says now; undefined when that can't be told. */
async function saidBefore(
  { options: { log } }: InboundDesk,
  channel: string,
  { edited, offset }: MessageDocument,
): Promise<Message | undefined> {
  if (edited !== null) return edited;
  const page = await log.read({ pattern: channel, after: offset - 1, limit: 1, order: "asc" });
  const [entry] = page.entries;
  const parsed = messageSchema.safeParse(entry && JSON.parse(entry.dataJson));
  return parsed.success ? parsed.data : undefined;
}

/** What contradicts what became of the message meanwhile, such as marks on one that was deleted, changes nothing. */
async function unlessRefused(
  appending: Promise<{ readonly isNew: boolean }>,
): Promise<InboundOutcome> {
  try {
    return (await appending).isNew ? "done" : "duplicate";
  } catch (error) {
    const codes = ["conflict", "not_found", "permission_denied"];
    if (error instanceof AnywireError && codes.includes(error.code)) return "ignored";
    throw error;
  }
}
