import type { MessageEntry } from "@anywire/client";
import type { ConversationState, OutgoingMessage, Recovery } from "./conversation-state.ts";

/** How a message of one's own fares. */
export type Delivery = "sending" | "sent" | "failed";

/** A message as it stands in the list. */
export interface MessageRow {
  readonly type: "message";
  readonly key: string;
  readonly sender: string;
  readonly isOwn: boolean;
  readonly text: string;
  readonly at: number;
  /** Whether it begins and ends a run of one sender's messages. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** For one's own only. */
  readonly delivery?: Delivery;
  /** When it is not stored yet. */
  readonly outgoing?: OutgoingMessage;
}

/** What stands between messages. */
export type DividerRow =
  | { readonly type: "day"; readonly key: string; readonly at: number }
  | { readonly type: "recovered"; readonly key: string; readonly count: number };

/** One line of the list. */
export type Row = MessageRow | DividerRow;

/** Messages of one sender further apart than this do not belong together. */
const RUN_MS = 5 * 60 * 1000;

type Draft = Omit<MessageRow, "isFirst" | "isLast"> & { readonly offset: number };

/** The lines to show: messages in runs, what is on its way last, a day's name where another day begins. */
export function toRows(state: ConversationState, now: number): Row[] {
  const drafts = [
    ...state.messages.map((message) => storedDraft(message, state.self)),
    ...state.outbox.map((outgoing) => outgoingDraft(outgoing, state.self ?? "")),
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
    return { ...row, isFirst: !isRun(lines[i - 1], line), isLast: !isRun(line, lines[i + 1]) };
  });
}

/** What a message says, in words: parts that are not text by what they are. */
export function textOf({ data }: MessageEntry): string {
  const parts = (data.parts ?? []).map((part) => {
    if (part.type === "text") return part.text;
    if (part.type === "card") return part.title;
    if (part.type === "location") return part.label ?? `${part.latitude}, ${part.longitude}`;
    return part.name ?? `[${part.type}]`;
  });
  return [data.text ?? "", ...parts].filter(Boolean).join("\n");
}

function storedDraft(message: MessageEntry, self: string | undefined): Draft {
  const { offset, id, sender, at } = message;
  const isOwn = sender === self;
  const delivery = isOwn ? { delivery: "sent" as const } : {};
  return {
    type: "message",
    key: id,
    offset,
    sender,
    isOwn,
    text: textOf(message),
    at,
    ...delivery,
  };
}

function outgoingDraft(outgoing: OutgoingMessage, self: string): Draft {
  const { id, text, at, error } = outgoing;
  const delivery = error === undefined ? "sending" : "failed";
  const offset = Number.POSITIVE_INFINITY;
  return {
    type: "message",
    key: id,
    offset,
    sender: self,
    isOwn: true,
    text,
    at,
    delivery,
    outgoing,
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
