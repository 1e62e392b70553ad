import type {
  ChannelInfo,
  MessagesPage,
  MessageView,
  OpenChannelRequest,
  ParticipantsPage,
  UpdateChannelRequest,
} from "@anywire/types";
import type { FunctionMessage, FunctionTrace } from "./events.ts";

/** How to keep a value. */
export interface KeepOptions {
  /** Gone after this many ms, 1 to 31,536,000,000. Default: never. */
  readonly ttlMs?: number;
}

/** A value and the revision it is at. */
export interface Kept<V = unknown> {
  readonly value: V;
  /** Changes with every write. */
  readonly revision: number;
}

/** Keys to list. */
export interface ListKeysOptions {
  /** Only keys that begin with it. Default: all. */
  readonly prefix?: string;
  /** Only keys that are larger, as UTF-8. */
  readonly after?: string;
  /** At most this many, 1 to 1,000. Default 100. */
  readonly limit?: number;
}

/**
 * What functions remember: any JSON of at most 65,536 characters under keys of 1 to 256 characters. All functions of a platform share it, on
 * every node; another platform's is another one.
 * @throws {AnywireError} `bad_request`, `too_large`, and `limit_exceeded` when the platform has as many keys as it may.
 */
export interface FunctionKeyValue {
  /** Undefined when there is none. */
  get<V = unknown>(key: string): Promise<V | undefined>;
  /** With its revision, for `compareAndSet`. */
  read<V = unknown>(key: string): Promise<Kept<V> | undefined>;
  /** Keeps a value in place of what there was, its TTL too. */
  set(key: string, value: unknown, options?: KeepOptions): Promise<void>;
  /** Nothing happens when there is none. */
  delete(key: string): Promise<void>;
  /** Keys in their order as UTF-8. */
  list(options?: ListKeysOptions): Promise<readonly string[]>;
  /** Adds to a whole number, 0 when there is none, and resolves with the sum. No addition is lost. */
  increment(key: string, by?: number, options?: KeepOptions): Promise<number>;
  /** Writes only when the key is at that revision, `0` for not there. Whether it did. */
  compareAndSet(
    key: string,
    revision: number,
    value: unknown,
    options?: KeepOptions,
  ): Promise<boolean>;
}

/** The secrets of the configuration, `functions.secrets`. What is logged has `***` in their place. */
export interface FunctionSecrets {
  /** Undefined when there is none of that name. */
  get(name: string): Promise<string | undefined>;
}

/** Lines of a run, kept as entries on `<platform>.system.functions`. */
export interface FunctionLog {
  /** What helps to find out what happened, later. */
  debug(text: string, fields?: Readonly<Record<string, unknown>>): void;
  /** What is as it should be. */
  info(text: string, fields?: Readonly<Record<string, unknown>>): void;
  /** What may be wrong. */
  warn(text: string, fields?: Readonly<Record<string, unknown>>): void;
  /** What is wrong. */
  error(text: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What a request is, beside its address. */
export interface FunctionFetchInit extends RequestInit {
  /** How long the answer may take, ms. Default 5,000; never beyond the end of the run. */
  readonly timeoutMs?: number;
}

/** How to publish. */
export interface FunctionPublishOptions {
  /** The entry's id; the same id again stores nothing twice. Default: one that is the same when the run is tried again and publishes in the same order. */
  readonly id?: string;
  /** In whose name, such as `account:support`. Default `function:<name>`. */
  readonly sender?: string;
}

/** What became of a message. */
export interface FunctionPublished {
  readonly id: string;
  /** Where it is: another channel than was asked for when a function rerouted it. */
  readonly channel: string;
  readonly offset: number;
  readonly timetoken: string;
  readonly at: number;
}

/** In whose name to do something. */
export interface ActAs {
  /** An account's id. Default: `functions`, which may do everything on the platform. */
  readonly as?: string;
}

/** Channels of the platform. */
export interface FunctionChannels {
  /** Opens a channel, or finds the one that is there; without `as` in the name of its first account. */
  open(request: OpenChannelRequest & ActAs): Promise<ChannelInfo>;
  /** What is known of a channel. Rejects with `not_found` when nobody has opened it. */
  get(channel: string): Promise<ChannelInfo>;
  /** Changes what is given; null takes away. */
  update(channel: string, change: UpdateChannelRequest): Promise<ChannelInfo>;
  /** Who takes part, in the order of their addresses. */
  participants(channel: string): Promise<ParticipantsPage>;
  /** By their addresses, such as `account:bob`. Rejects with `conflict` where a channel is known by its participants. */
  addParticipants(channel: string, participants: readonly string[]): Promise<void>;
  /** The same for those who shall take part no more. */
  removeParticipants(channel: string, participants: readonly string[]): Promise<void>;
  /** Messages as they are now, newest first. */
  messages(
    channel: string,
    query?: { readonly limit?: number; readonly before?: number; readonly after?: number },
  ): Promise<MessagesPage>;
  /** One message as it is now. Rejects with `not_found` when there is none. */
  message(channel: string, id: string): Promise<MessageView>;
  /** Accounts that are connected to it. */
  present(
    channel: string,
  ): Promise<readonly { readonly client: string; readonly accountId: string }[]>;
}

/** What a function is given beside its event. Nothing of it can be used once the run is over. */
export interface FunctionContext {
  readonly kv: FunctionKeyValue;
  readonly secrets: FunctionSecrets;
  readonly channels: FunctionChannels;
  readonly log: FunctionLog;
  /** As everywhere, but with a time limit, and not to private addresses unless the configuration allows them. */
  readonly fetch: (input: string | URL, init?: FunctionFetchInit) => Promise<Response>;
  /**
   * Says something on a channel of the platform. A text is a message of that text.
   * @throws {AnywireError} what a client gets; `limit_exceeded` when functions call each other in a circle.
   */
  publish(
    channel: string,
    message: string | Partial<FunctionMessage>,
    options?: FunctionPublishOptions,
  ): Promise<FunctionPublished>;
  /** Stores any JSON on a channel of the platform, as an entry of kind `data`. */
  publishData(
    channel: string,
    data: unknown,
    options?: FunctionPublishOptions,
  ): Promise<FunctionPublished>;
  /** Tells a channel something live. */
  signal(channel: string, kind: string, data?: unknown): Promise<void>;
  /** Milliseconds since the Unix epoch. In tests the clock stands where it was put. */
  now(): number;
  /** Aborted at the run's deadline. */
  readonly deadline: AbortSignal;
  readonly trace: FunctionTrace;
  /** The name of the function: that of its file. */
  readonly functionName: string;
  readonly platform: string;
}
