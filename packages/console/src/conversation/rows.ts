import type {
  OutgoingMessage,
  Recovery,
  TimelineMessage,
  TimelineState,
} from "@anywire/client/timeline";
import type { Message, MessagePart } from "@anywire/types";
import { describePart } from "../attachments/describe-part.ts";
import { gotLessFar } from "./describe-deliveries.ts";

/** How a message of one's own fares. */
export type Delivery = "sending" | "sent" | "delivered" | "read" | "failed";

/** The message that another one answers. */
export interface Quote {
  /** Undefined when it is not among those that were read so far. */
  readonly sender?: string;
  readonly text: string;
}

/** A message as it stands in the list. */
export interface MessageRow {
  readonly type: "message";
  readonly key: string;
  readonly sender: string;
  readonly isOwn: boolean;
  /** Empty when it has only parts. */
  readonly text: string;
  readonly parts: readonly MessagePart[];
  readonly at: number;
  /** Whether it begins and ends a run of one sender's messages. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Whether it got less far than the one below it, whose tick would speak for it, or waits for a reason of its own. */
  readonly isBehind: boolean;
  readonly quote?: Quote;
  /** For one's own only. */
  readonly delivery?: Delivery;
  /** When it is stored. */
  readonly stored?: TimelineMessage;
  /** When it is not stored yet. */
  readonly outgoing?: OutgoingMessage;
}

/** What stands between messages: a day's name, or how many messages were missed. */
export type DividerRow =
  | { readonly type: "day"; readonly key: string; readonly at: number }
  | { readonly type: "recovered"; readonly key: string; readonly count: number };

/** One line of the list. */
export type Row = MessageRow | DividerRow;

/** Messages of one sender further apart than this do not belong together. */
const RUN_MS = 5 * 60 * 1000;

const DELETED = "Message deleted";

type Draft = Omit<MessageRow, "isFirst" | "isLast" | "isBehind"> & { readonly offset: number };

/** The lines to show: messages in runs, what is on its way last, a day's name where another day begins. */
export function toRows(state: TimelineState, now: number): Row[] {
  const deliveryAt = deliveries(state);
  const byId = new Map(state.messages.map((message) => [message.id, message]));
  const drafts = [
    ...state.messages.map((message) => storedDraft(message, state.self, byId, deliveryAt)),
    ...state.outbox.map((outgoing) => outgoingDraft(outgoing, state.self ?? "", byId)),
  ];
  const showsDays = drafts.some(({ at }) => !isSameDay(at, now));
  const lines = drafts.flatMap((draft, i) => [
    ...(showsDays ? dayBetween(drafts[i - 1], draft) : []),
    ...recoveriesBetween(drafts[i - 1], draft, state.recoveries),
    draft,
  ]);
  return lines.map((line, i) => {
    if (line.type !== "message") return line;
    const { offset: _, ...row } = line;
    const next = lines[i + 1];
    return {
      ...row,
      isFirst: !isRun(lines[i - 1], line),
      isLast: !isRun(line, next),
      isBehind: next?.type === "message" && gotLessFar(line.stored, next.stored),
    };
  });
}

/** What a message says, in words: parts that are not text by what they are, and of a deleted one that it was. */
export function textOf(data: Message | null): string {
  if (data === null) return DELETED;
  return [data.text ?? "", ...(data.parts ?? []).map(describePart)].filter(Boolean).join("\n");
}

type Known = ReadonlyMap<string, TimelineMessage>;

function storedDraft(
  message: TimelineMessage,
  self: string | undefined,
  known: Known,
  deliveryAt: (offset: number) => Delivery,
): Draft {
  const { offset, id, sender, at, data } = message;
  const isOwn = sender === self;
  return {
    type: "message",
    key: id,
    offset,
    sender,
    isOwn,
    ...contentOf(data),
    at,
    stored: message,
    ...quoteOf(data, known),
    ...(isOwn ? { delivery: deliveryAt(offset) } : {}),
  };
}

function outgoingDraft(outgoing: OutgoingMessage, self: string, known: Known): Draft {
  const { id, data, at, error } = outgoing;
  return {
    type: "message",
    key: id,
    offset: Number.POSITIVE_INFINITY,
    sender: self,
    isOwn: true,
    ...contentOf(data),
    at,
    ...quoteOf(data, known),
    delivery: error === undefined ? "sending" : "failed",
    outgoing,
  };
}

function contentOf(data: Message | null): Pick<MessageRow, "text" | "parts"> {
  if (data === null) return { text: DELETED, parts: [] };
  return { text: data.text ?? "", parts: data.parts ?? [] };
}

function quoteOf(data: Message | null, known: Known): { readonly quote?: Quote } {
  if (data?.replyTo === undefined) return {};
  const answered = known.get(data.replyTo);
  if (answered === undefined) return { quote: { text: "An earlier message" } };
  return { quote: { sender: answered.sender, text: textOf(answered.data) } };
}

/** How a stored message of one's own fares, by its offset: as with the one who has got the least. */
function deliveries({ receipts, self }: TimelineState): (offset: number) => Delivery {
  const others = [...receipts].filter(([address]) => address !== self).map(([, far]) => far);
  if (others.length === 0) return () => "sent";
  const readUpTo = Math.min(...others.map(({ readOffset }) => readOffset));
  const gotUpTo = Math.min(
    ...others.map(({ readOffset, deliveredOffset }) => Math.max(readOffset, deliveredOffset)),
  );
  return (offset) => {
    if (offset <= readUpTo) return "read";
    return offset <= gotUpTo ? "delivered" : "sent";
  };
}

function dayBetween(before: Draft | undefined, draft: Draft): DividerRow[] {
  if (before !== undefined && isSameDay(before.at, draft.at)) return [];
  return [{ type: "day", key: `day-${draft.key}`, at: draft.at }];
}

function recoveriesBetween(
  before: Draft | undefined,
  draft: Draft,
  recoveries: readonly Recovery[],
): DividerRow[] {
  return recoveries
    .filter(({ afterOffset }) => (before?.offset ?? 0) <= afterOffset && draft.offset > afterOffset)
    .map(({ afterOffset, count }) => ({
      type: "recovered",
      key: `recovered-${afterOffset}`,
      count,
    }));
}

/** Whether two neighbours belong together. A failed message stands alone: it has its own decision to make. */
function isRun(a: Draft | DividerRow | undefined, b: Draft | DividerRow | undefined): boolean {
  if (a?.type !== "message" || b?.type !== "message") return false;
  if (a.delivery === "failed" || b.delivery === "failed") return false;
  return a.sender === b.sender && b.at - a.at < RUN_MS;
}

function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
