import { stableId } from "@anywire/core";
import {
  AnywireError,
  describeIssue,
  ERRORS,
  type Message,
  type MessagePart,
  messageSchema,
  toAnywireError,
} from "@anywire/types";
import { byteStream } from "./byte-stream.ts";
import { beginningOf } from "./clean-text.ts";
import type { InboundDesk, Work } from "./inbound-desk.ts";

/** So much of a text that is too long stands in the message, characters; less where that is too much, too. */
const FIRST_CUT = 4_000;
const WHOLE_TEXT_NAME = "message.txt";

/** A message whose text has an id of its own at the network. */
interface Texted {
  readonly externalId: string;
}

/**
 * A message that can be stored. What is too large is cut: the text, which is then whole in an attachment, and what else the network
 * told of it.
 * @throws {AnywireError} `too_large` when nothing helps, `bad_request` when it is no message; what storing may be retried with
 */
export async function fitMessage(
  desk: InboundDesk,
  work: Pick<Work, "platform" | "connection"> & { readonly event: Texted },
  message: Message,
): Promise<Message> {
  assertMessage(message);
  if (fits(desk, message)) return message;
  const { text, meta: _, ...rest } = message;
  if (text === undefined) return assertFitting(desk, rest);
  const whole = await storeText(desk, work, text);
  const parts = [...(rest.parts ?? []), whole];
  for (let length = Math.min(FIRST_CUT, text.length); length >= 1; length = length >> 1) {
    const cut = { ...rest, text: `${beginningOf(text, length)}…`, parts };
    if (fits(desk, cut)) return cut;
  }
  return assertFitting(desk, { ...rest, text: "…", parts: [whole] });
}

function assertMessage(message: Message): void {
  const checked = messageSchema.safeParse(message);
  if (checked.success) return;
  const [issue] = checked.error.issues;
  throw new AnywireError(
    "bad_request",
    `what came in is no message: ${issue?.path.map(String).join(".")}: ${issue && describeIssue(issue, message)}`,
  );
}

function fits({ options: { pipeline } }: InboundDesk, message: Message): boolean {
  try {
    pipeline.assertFits(message);
    return true;
  } catch (error) {
    if (error instanceof AnywireError && error.code === "too_large") return false;
    throw error;
  }
}

function assertFitting({ options: { pipeline } }: InboundDesk, message: Message): Message {
  pipeline.assertFits(message);
  return message;
}

/** The whole text as an attachment; where attachments of text are not taken, a word about it. */
async function storeText(
  { options }: InboundDesk,
  { platform, connection, event }: Parameters<typeof fitMessage>[1],
  text: string,
): Promise<MessagePart> {
  const bytes = new TextEncoder().encode(text);
  const facts = { name: WHOLE_TEXT_NAME, mimeType: "text/plain" };
  const id = stableId([connection.document.id, event.externalId, "text", text]);
  try {
    return await options.storeMedia(
      { ...facts, sizeBytes: bytes.byteLength, bytes: byteStream(bytes) },
      { ...facts, platform, id, kind: "file" },
    );
  } catch (thrown) {
    const error = toAnywireError(thrown);
    if (ERRORS[error.code].retry) throw error;
    const note = `[The rest of the text could not be kept: ${error.message.slice(0, 200)}]`;
    return { type: "text", text: note };
  }
}
