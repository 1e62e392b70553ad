import type { AnywireError, Entry, Message, ParticipantInfo } from "@anywire/types";
import type { PresenceMember } from "../channel.ts";
import { messageOfDelivery } from "./message-deliveries.ts";
import { asSent, changed, isEdit, type TimelineMessage, targetOf } from "./timeline-message.ts";

/** A message on its way: not yet known to be stored. */
export interface OutgoingMessage {
  readonly id: string;
  readonly data: Message;
  /** When it was written, milliseconds since the Unix epoch. */
  readonly at: number;
  /** Why the server refused it; it waits for `retry` or `discard` then. */
  readonly error?: AnywireError;
}

/** How far a participant has got and read. */
export type Receipt = Pick<ParticipantInfo, "readOffset" | "deliveredOffset">;

/** Messages that were missed and then handed over. */
export interface Recovery {
  /** Offset of the last entry that was known before. */
  readonly afterOffset: number;
  /** How many of others came. */
  readonly count: number;
}

/** All that a device shows of a channel. Never changed: an event gives another one. */
export interface TimelineState {
  /** Address of the own account; undefined before the first connection. */
  readonly self: string | undefined;
  /** In the order of the log, none twice. */
  readonly messages: readonly TimelineMessage[];
  /** Messages that are not stored yet, in the order of writing. */
  readonly outbox: readonly OutgoingMessage[];
  readonly history: "unread" | "loading" | "ready" | "failed";
  /** Offset before which there are older messages; undefined when there are none. */
  readonly olderBefore: number | undefined;
  /** Addresses of those who are typing. */
  readonly typing: readonly string[];
  /** How far each participant is, by address; empty on channels of more than 100. */
  readonly receipts: ReadonlyMap<string, Receipt>;
  /** The connections on the channel; only with the option `members`. */
  readonly members: readonly PresenceMember[];
  /** What came after each reconnect. */
  readonly recoveries: readonly Recovery[];
  /** Why the channel can't be heard. */
  readonly refusal: AnywireError | undefined;
}

/** Nothing known yet. */
export const EMPTY_TIMELINE: TimelineState = {
  self: undefined,
  messages: [],
  outbox: [],
  history: "unread",
  olderBefore: undefined,
  typing: [],
  receipts: new Map(),
  members: [],
  recoveries: [],
  refusal: undefined,
};

/** Takes messages in, wherever they belong; of two forms of one the newer counts. */
export function receive(state: TimelineState, incoming: readonly TimelineMessage[]): TimelineState {
  const [first, second] = incoming;
  if (first === undefined) return state;
  const isNext = second === undefined && first.offset > (state.messages.at(-1)?.offset ?? 0);
  if (isNext) return { ...discard(state, first.id), messages: [...state.messages, first] };
  const byId = new Map(state.messages.map((message) => [message.id, message]));
  for (const message of incoming) {
    const known = byId.get(message.id);
    if (known === undefined || known.asOf <= message.asOf) byId.set(message.id, message);
  }
  return {
    ...state,
    messages: [...byId.values()].sort((a, b) => a.offset - b.offset),
    outbox: state.outbox.filter(({ id }) => !byId.has(id)),
  };
}

/** A state, and the message of which only the server can tell what it is now. */
export interface Taken {
  readonly state: TimelineState;
  readonly unsure?: TimelineMessage;
}

/** Takes an entry of the channel in: a message, or what became of one. What is known already changes nothing. */
export function take(state: TimelineState, channel: string, entry: Entry): Taken {
  const sent = sentBy(channel, entry);
  const isNews = sent !== undefined && !isKnown(state, sent);
  const next = isNews ? receive(state, [sent]) : state;
  const message = targetIn(next.messages, entry);
  if (message === undefined || message.asOf >= entry.offset) return { state: next };
  const present = changed(message, entry, next.self);
  if (present === undefined) return { state: next, unsure: message };
  const messages = next.messages.map((other) => (other === message ? present : other));
  return { state: { ...next, messages } };
}

function targetIn(messages: readonly TimelineMessage[], entry: Entry): TimelineMessage | undefined {
  if (entry.kind === "delivery") return messageOfDelivery(messages, entry);
  const target = targetOf(entry);
  return messages.find(({ id }) => id === target);
}

/** Whether a message is there, as it was sent or in a newer form; not so when it was deleted since. */
function isKnown({ messages }: TimelineState, sent: TimelineMessage): boolean {
  const known = messages.findLast(({ id }) => id === sent.id);
  if (known === undefined) return false;
  return known.asOf > sent.asOf || (known.asOf === sent.asOf && (known.deleted || !sent.deleted));
}

/** The message that an entry is, if it is one. */
export function sentBy(channel: string, entry: Entry): TimelineMessage | undefined {
  const { kind, data } = entry;
  if (kind === "message") return asSent({ ...entry, channel, data: data as Message });
  const isMessage = kind === "deleted" && !isEdit(entry);
  return isMessage ? asSent({ ...entry, channel, data: null }) : undefined;
}

/** Puts a message into the outbox, or one that failed back into it. */
export function enqueue(state: TimelineState, message: OutgoingMessage): TimelineState {
  if (state.messages.some(({ id }) => id === message.id)) return state;
  const isKnown = state.outbox.some(({ id }) => id === message.id);
  const outbox = isKnown
    ? state.outbox.map((queued) => (queued.id === message.id ? message : queued))
    : [...state.outbox, message];
  return { ...state, outbox };
}

/** Takes a message out of the outbox, unsent. */
export function discard(state: TimelineState, id: string): TimelineState {
  return { ...state, outbox: state.outbox.filter((message) => message.id !== id) };
}

/** Takes a message out of one's own sight. */
export function hide(state: TimelineState, id: string): TimelineState {
  return { ...state, messages: state.messages.filter((message) => message.id !== id) };
}

/** Marks what came after an offset as missed until now. */
export function recover(state: TimelineState, afterOffset: number): TimelineState {
  const count = state.messages.filter(
    ({ offset, sender }) => offset > afterOffset && sender !== state.self,
  ).length;
  if (count === 0) return state;
  return { ...state, recoveries: [...state.recoveries, { afterOffset, count }] };
}

/** Someone came, or is known to be here. */
export function join(state: TimelineState, member: PresenceMember): TimelineState {
  return { ...state, members: [...without(state, member.client), member] };
}

/** Someone left, and so stopped typing. */
export function leave(state: TimelineState, member: PresenceMember): TimelineState {
  const members = without(state, member.client);
  if (members.some(({ user }) => user === member.user)) return { ...state, members };
  return stopTyping({ ...state, members }, `account:${member.user}`);
}

/** Someone is typing. */
export function startTyping(state: TimelineState, sender: string): TimelineState {
  if (sender === state.self || state.typing.includes(sender)) return state;
  return { ...state, typing: [...state.typing, sender] };
}

/** Someone stopped typing: what they wrote is here, or they are gone. */
export function stopTyping(state: TimelineState, sender: string): TimelineState {
  if (!state.typing.includes(sender)) return state;
  return { ...state, typing: state.typing.filter((address) => address !== sender) };
}

/** Someone has got or read more. */
export function receipt(state: TimelineState, address: string, far: Receipt): TimelineState {
  return { ...state, receipts: new Map(state.receipts).set(address, far) };
}

function without({ members }: TimelineState, client: string): PresenceMember[] {
  return members.filter((member) => member.client !== client);
}
