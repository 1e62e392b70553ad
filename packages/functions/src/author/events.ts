import type { Message } from "@anywire/types";

/**
 * What the `meta` of messages holds, by channel type. Empty, for an author to fill in:
 * `declare module "@anywire/functions" { interface MessageMeta { sms: { campaign?: string } } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be filled in by authors
export interface MessageMeta {}

/** The channel type that a pattern names: `"sms"` for `*.sms.*`, any for a pattern that names none. */
export type ChannelTypeOf<P extends string> = P extends `${string}.${infer T}.${string}`
  ? T extends "*"
    ? string
    : T
  : string;

/** The `meta` of a message on a channel of that type. */
export type MetaOf<T extends string> = T extends keyof MessageMeta
  ? MessageMeta[T]
  : NonNullable<Message["meta"]>;

/** What a publish function can be run for: messages, new versions of them, JSON that is no message. */
export type PublishKind = "message" | "edit" | "data";

/** What was said. `text` is `""` where a message has only parts. */
export type FunctionMessage<T extends string = string> = Omit<Message, "text" | "meta"> & {
  text: string;
  meta?: MetaOf<T> | undefined;
};

/** Where something came from: all that followed from one message shares the id. */
export interface FunctionTrace {
  /** The id of the entry it began with. */
  readonly id: string;
  /** The functions it went through, first one first. */
  readonly via: readonly string[];
}

/** What every event tells. */
interface EventBase {
  readonly trace: FunctionTrace;
  /** Counts from 1; more than that after a failure. */
  readonly attempt: number;
}

/** What every event on a channel tells. */
export interface ChannelEventInput<T extends string = string> extends EventBase {
  /** Such as `production.sms.123`. */
  readonly channel: string;
  /** The first segment of the channel's name. */
  readonly platform: string;
  /** The second one. */
  readonly channelType: T;
  /** The third one. */
  readonly channelId: string;
}

/** A message, or a new version of one. */
export interface MessageEventInput<T extends string = string> extends ChannelEventInput<T> {
  readonly kind: "message" | "edit";
  /** The entry's id. */
  readonly id: string;
  /** Of an edit: the id of its message. */
  readonly target?: string;
  /** Address of who says it, such as `account:bob`. */
  readonly sender: string;
  /** Can be changed in place, by a function that runs before. */
  message: FunctionMessage<T>;
}

/** JSON that is no message. */
export interface DataEventInput<T extends string = string> extends ChannelEventInput<T> {
  readonly kind: "data";
  readonly id: string;
  readonly sender: string;
  /** Can be replaced, by a function that runs before. */
  data: unknown;
}

/** What an entry has once it is stored. */
export interface StoredInput {
  readonly offset: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly timetoken: string;
}

/** Something live, such as typing. */
export interface SignalEventInput<T extends string = string> extends ChannelEventInput<T> {
  /** What it is, such as `typing`. */
  readonly kind: string;
  readonly accountId: string;
  /** The connection it came through. */
  readonly client: string;
  /** Can be replaced, by a function that runs before. */
  data: unknown;
}

/** A connection came to a channel or left it. */
export interface PresenceEventInput<T extends string = string> extends ChannelEventInput<T> {
  readonly action: "join" | "leave";
  readonly accountId: string;
  readonly client: string;
}

/** An HTTP request under `/functions/`. */
export interface RequestEventInput extends EventBase {
  readonly method: string;
  /** From the first slash of the function's own path on, such as `/tickets/7`. */
  readonly path: string;
  /** The whole address. */
  readonly url: string;
  /** What stands in the path where the function's own has `:name`. */
  readonly params: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Whose token it carried; null where the function asks for none. */
  readonly accountId: string | null;
  /** Where it came from. */
  readonly clientAddress: string;
}

/** A moment that was waited for. */
export interface ScheduleEventInput extends EventBase {
  /** Milliseconds since the Unix epoch. */
  readonly scheduledAt: number;
}

/** An event as data, by trigger: what travels to a worker, and what a test gives to `runFunction`. */
export interface EventInputs<T extends string = string> {
  beforePublish: MessageEventInput<T> | DataEventInput<T>;
  beforeSignal: SignalEventInput<T>;
  afterPublish: (MessageEventInput<T> | DataEventInput<T>) & StoredInput;
  afterSignal: SignalEventInput<T>;
  afterPresence: PresenceEventInput<T>;
  onRequest: RequestEventInput;
  onInterval: ScheduleEventInput;
  onCron: ScheduleEventInput;
}
