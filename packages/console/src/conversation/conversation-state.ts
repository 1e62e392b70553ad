import type { ConnectionStatus, MessageEntry, PresenceMember } from "@anywire/client";

/** A message on its way: not yet known to be stored. */
export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
  /** When it was written, milliseconds since the Unix epoch. */
  readonly at: number;
  /** Why the server refused it; it waits for a decision then. */
  readonly error?: string;
}

/** Messages that were missed and then handed over. */
export interface Recovery {
  /** Offset of the last message that was known before. */
  readonly afterOffset: number;
  readonly count: number;
}

/** All that one side of a conversation shows. */
export interface ConversationState {
  /** Address of the own account; undefined before the first connection. */
  readonly self: string | undefined;
  readonly connection: ConnectionStatus;
  /** Why the channel can't be read. */
  readonly refusal: string | undefined;
  /** In the order of the log, none twice. */
  readonly messages: readonly MessageEntry[];
  readonly outbox: readonly OutgoingMessage[];
  readonly recoveries: readonly Recovery[];
  readonly history: "unread" | "loading" | "ready" | "failed";
  /** Offset from which to read older entries; undefined when there are none. */
  readonly olderBefore: number | undefined;
  readonly members: readonly PresenceMember[];
  /** Who is typing, and until when that holds, milliseconds since the Unix epoch. */
  readonly typing: ReadonlyMap<string, number>;
}

/** Nothing known yet. */
export const EMPTY_CONVERSATION: ConversationState = {
  self: undefined,
  connection: { state: "disconnected", failedAttempts: 0 },
  refusal: undefined,
  messages: [],
  outbox: [],
  recoveries: [],
  history: "unread",
  olderBefore: undefined,
  members: [],
  typing: new Map(),
};

/** Takes messages in, wherever they belong; those known already change nothing. */
export function receive(
  state: ConversationState,
  incoming: readonly MessageEntry[],
): ConversationState {
  const known = new Set(state.messages.map(({ offset }) => offset));
  const fresh = incoming.filter(({ offset }) => !known.has(offset) && known.add(offset));
  if (fresh.length === 0) return state;
  const ids = new Set(fresh.map(({ id }) => id));
  return {
    ...state,
    messages: [...state.messages, ...fresh].sort((a, b) => a.offset - b.offset),
    outbox: state.outbox.filter(({ id }) => !ids.has(id)),
  };
}

/** Puts a message into the outbox, or one that failed back into it. */
export function enqueue(state: ConversationState, message: OutgoingMessage): ConversationState {
  if (state.messages.some(({ id }) => id === message.id)) return state;
  const isKnown = state.outbox.some(({ id }) => id === message.id);
  const outbox = isKnown
    ? state.outbox.map((queued) => (queued.id === message.id ? message : queued))
    : [...state.outbox, message];
  return { ...state, outbox };
}

/** Takes a message out of the outbox, unsent. */
export function discard(state: ConversationState, id: string): ConversationState {
  return { ...state, outbox: state.outbox.filter((message) => message.id !== id) };
}

/** Marks what came after an offset as missed until now. */
export function recover(state: ConversationState, afterOffset: number): ConversationState {
  const count = state.messages.filter(
    ({ offset, sender }) => offset > afterOffset && sender !== state.self,
  ).length;
  if (count === 0) return state;
  return { ...state, recoveries: [...state.recoveries, { afterOffset, count }] };
}

/** Someone came, or is known to be here. */
export function join(state: ConversationState, member: PresenceMember): ConversationState {
  return { ...state, members: [...without(state, member.client), member] };
}

/** Someone left, and so stopped typing. */
export function leave(state: ConversationState, member: PresenceMember): ConversationState {
  const members = without(state, member.client);
  if (members.some(({ user }) => user === member.user)) return { ...state, members };
  return stopTyping({ ...state, members }, `account:${member.user}`);
}

/** Someone is typing. */
export function type(state: ConversationState, sender: string, until: number): ConversationState {
  if (sender === state.self) return state;
  return { ...state, typing: new Map(state.typing).set(sender, until) };
}

/** Someone stopped typing: what they wrote is here, or they are gone. */
export function stopTyping(state: ConversationState, sender: string): ConversationState {
  if (!state.typing.has(sender)) return state;
  const typing = new Map(state.typing);
  typing.delete(sender);
  return { ...state, typing };
}

/** Forgets those who stopped typing before `now`. */
export function expireTyping(state: ConversationState, now: number): ConversationState {
  const typing = new Map([...state.typing].filter(([, until]) => until > now));
  return typing.size === state.typing.size ? state : { ...state, typing };
}

function without({ members }: ConversationState, client: string): PresenceMember[] {
  return members.filter((member) => member.client !== client);
}
