import type { HandsetMessageView } from "@anywire/types";
import { formatDay } from "../conversation/times.ts";

/** One message as it is drawn. */
export interface HandsetRow {
  readonly key: string;
  readonly message: HandsetMessageView;
  /** Whether the person wrote it. */
  readonly isOwn: boolean;
  /** The day, where another one begins. */
  readonly day: string | undefined;
  /** Whether it begins a run of messages of one side, and whether it ends one. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** What the message that it answers says. */
  readonly quote: string | undefined;
}

/** Messages of one side that are no further apart stand together, ms. */
const RUN_MS = 5 * 60_000;

/** What is drawn of a person's messages at `now`, ms since the Unix epoch. */
export function rowsOf(messages: readonly HandsetMessageView[], now: number): HandsetRow[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  return messages.map((message, i) => {
    const [before, after] = [messages[i - 1], messages[i + 1]];
    const answered = message.replyTo === undefined ? undefined : byId.get(message.replyTo);
    const day = formatDay(message.at, now);
    return {
      key: message.id,
      message,
      isOwn: message.direction === "out",
      day: before !== undefined && formatDay(before.at, now) === day ? undefined : day,
      isFirst: before === undefined || !isRun(before, message),
      isLast: after === undefined || !isRun(message, after),
      quote: answered === undefined ? undefined : saidIn(answered),
    };
  });
}

/** What a message says, in a line. */
export function saidIn({ text, subject, media, isDeleted }: HandsetMessageView): string {
  if (isDeleted) return "Deleted";
  return text || subject || media[0]?.name || "Attachment";
}

function isRun(first: HandsetMessageView, second: HandsetMessageView): boolean {
  return first.direction === second.direction && second.at - first.at < RUN_MS;
}
