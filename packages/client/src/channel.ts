import type {
  AnywireError,
  Entry,
  Position,
  PresenceAnswer,
  ReadAnswer,
  RpcAnswer,
  RpcMethod,
  RpcMethods,
  RpcRequest,
  SendMessageRequest,
  SentMessage,
} from "@anywire/types";
import type { Centrifuge, ClientInfo, SubscribedContext, Subscription } from "centrifuge";

import { toClientError, toCloseError } from "./client-error.ts";
import { Emitter, type Unlisten } from "./emitter.ts";
import { createEntryId } from "./entry-id.ts";
import {
  asMessage,
  type MessageEntry,
  type SignalEvent,
  toEntry,
  toSignal,
} from "./publication.ts";
import type { RequestArguments, Requests } from "./requests.ts";

/** One connection on a channel. */
export type PresenceMember = PresenceAnswer["members"][number];

/** Whether a channel's entries arrive. */
export type ChannelState = "unsubscribed" | "subscribing" | "subscribed";

/** A change of a channel's state. */
export interface ChannelStatus {
  readonly state: ChannelState;
  /** With `subscribed` only: whatever comes after it arrives by itself. */
  readonly position?: Position;
  /**
   * With `subscribed` only. False: the server could not prove that what was missed since the last time is
   * complete, so read it with `history`. Always true the first time.
   */
  readonly isContinuous?: boolean;
  /** Why the server ended or refused the subscription. */
  readonly error?: AnywireError;
}

/** What a channel tells its listeners. */
export interface ChannelEvents {
  /** Every stored entry, in order, none twice. */
  entry: Entry;
  /** Those of kind `message`. */
  message: MessageEntry;
  signal: SignalEvent;
  /** Only with `joinLeave`. */
  join: PresenceMember;
  /** Only with `joinLeave`. */
  leave: PresenceMember;
  state: ChannelStatus;
  /** After a reconnect, once all missed entries were handed over: those with a larger offset. */
  recovered: { readonly afterOffset: number };
}

/** An RPC method that is asked of one channel, such as `channel.mute` or `reaction.add`. */
export type ChannelMethod = {
  [Method in RpcMethod]: RpcMethods[Method]["request"] extends { readonly channel: string }
    ? Method
    : never;
}[RpcMethod];

/** What such a method is asked with, beside the channel. */
export type ChannelRequest<Method extends ChannelMethod> = Omit<RpcRequest<Method>, "channel">;

/** How to open a channel. */
export interface ChannelOptions {
  /** Whether to hear who comes and goes. Default false: in large channels that is a lot. */
  readonly joinLeave?: boolean;
}

/** Which entries to read: those after an offset, or those before one; with neither, the newest. */
export interface HistoryQuery {
  /** At most this many entries, from 1. */
  readonly limit: number;
  /** Only entries with a larger offset, from there on. */
  readonly after?: number;
  /** Only entries with a smaller offset, up to there. Ignored beside `after`. */
  readonly before?: number;
}

/** A page of entries, oldest first. */
export interface HistoryPage {
  readonly entries: readonly Entry[];
  /** False when nothing lies beyond the page in the direction of reading. */
  readonly hasMore: boolean;
  /** The identity of the log. */
  readonly epoch: string;
}

/** One channel, or for listening only, a pattern of channels. Every rejection is an `AnywireError`. */
export interface Channel {
  readonly name: string;
  readonly state: ChannelState;
  /**
   * Offset up to which everything has arrived, or was there before the subscription; 0 before the first one. An answer
   * to a request with it as `waitFor` is no older.
   */
  readonly lastOffset: number;
  /** Begins to receive, and after each reconnect receives what was missed. A second call is a no-op. */
  subscribe(): void;
  /** Ends it. */
  unsubscribe(): void;
  /**
   * Resolves once subscribed.
   * @throws {AnywireError} the server's when it refuses, `unavailable` when nobody asked to subscribe.
   */
  ready(): Promise<void>;
  /**
   * Stores a message; resolves when it is durable. While the client is connecting it waits, and when the
   * connection drops before the answer it is sent again under the same id, so it is never stored twice.
   * To try again after a rejection, give the message the same `id`.
   * @throws {AnywireError} the server's, or `unavailable` when the client is disconnected.
   */
  send(message: string | SendMessageRequest): Promise<SentMessage>;
  /** Listens to messages: the same as `on("message", …)`. */
  onMessage(listener: (message: MessageEntry) => void): Unlisten;
  /** Everything up to an offset is read, on all devices of the account; by default up to the last entry that was received. */
  read(offset?: number): Promise<ReadAnswer>;
  /**
   * Calls any other operation on the channel by its RPC method: `call("reaction.add", { id, emoji })`, `call("channel.hide")`.
   * @throws {AnywireError} the server's, or `unavailable` when the client is disconnected.
   */
  call<Method extends ChannelMethod>(
    method: Method,
    ...request: RequestArguments<ChannelRequest<Method>>
  ): Promise<RpcAnswer<Method>>;
  /** Tells the others that one is typing, at most every 2 s between two messages: call it at every keystroke. */
  typing(): void;
  /** Reads stored entries. */
  history(query: HistoryQuery): Promise<HistoryPage>;
  /** Who is subscribed now. */
  presence(): Promise<PresenceMember[]>;
  /** Listens to an event. */
  on<Name extends keyof ChannelEvents>(
    name: Name,
    listener: (event: ChannelEvents[Name]) => void,
  ): Unlisten;
}

const TYPING_EVERY_MS = 2000;

/** A channel of a connection. */
export class SocketChannel implements Channel {
  readonly name: string;
  readonly #centrifuge: Centrifuge;
  readonly #requests: Requests;
  #subscription: Subscription;
  readonly #emitter = new Emitter<ChannelEvents>();
  #epoch = "";
  #typedAt = 0;
  #lastOffset = 0;
  /** Why the server ended it, until it is subscribed to again. */
  #refusal: AnywireError | undefined;
  #hearsJoins = false;

  constructor(centrifuge: Centrifuge, requests: Requests, name: string) {
    this.name = name;
    this.#centrifuge = centrifuge;
    this.#requests = requests;
    this.#subscription = centrifuge.newSubscription(name);
    this.#forwardEvents();
  }

  /** Hears who comes and goes from now on; where it is subscribed already, it goes on where it is. */
  hearJoins(): void {
    if (this.#hearsJoins) return;
    this.#hearsJoins = true;
    const { state } = this;
    this.#subscription.removeAllListeners();
    this.#centrifuge.removeSubscription(this.#subscription);
    const since = { offset: this.#lastOffset, epoch: this.#epoch };
    this.#subscription = this.#centrifuge.newSubscription(this.name, {
      joinLeave: true,
      ...(this.#epoch === "" ? {} : { since }),
    });
    this.#forwardEvents();
    if (state !== "unsubscribed") this.subscribe();
  }

  get state(): ChannelState {
    return this.#subscription.state;
  }

  get lastOffset(): number {
    return this.#lastOffset;
  }

  subscribe(): void {
    this.#subscription.subscribe();
  }

  unsubscribe(): void {
    this.#subscription.unsubscribe();
  }

  async ready(): Promise<void> {
    const subscription = this.#subscription;
    try {
      await subscription.ready();
    } catch (thrown) {
      // Another one goes on in its place, since somebody wants to hear who comes and goes.
      if (subscription !== this.#subscription) return this.ready();
      throw this.#refusal ?? toClientError(thrown);
    }
  }

  async send(message: string | SendMessageRequest): Promise<SentMessage> {
    const given = typeof message === "string" ? { text: message } : message;
    this.#typedAt = 0;
    return await this.call("message.send", { id: createEntryId(), ...given });
  }

  onMessage(listener: (message: MessageEntry) => void): Unlisten {
    return this.on("message", listener);
  }

  read(offset = this.#lastOffset): Promise<ReadAnswer> {
    return this.call("channel.read", { offset });
  }

  call<Method extends ChannelMethod>(
    method: Method,
    ...[request]: RequestArguments<ChannelRequest<Method>>
  ): Promise<RpcAnswer<Method>> {
    const onChannel = { ...request, channel: this.name };
    return this.#requests.call(method, onChannel as unknown as RpcRequest<Method>);
  }

  typing(): void {
    const now = Date.now();
    if (this.#subscription.state !== "subscribed" || now - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = now;
    const signal = { channel: this.name, kind: "typing" };
    // Worth nothing later, so a failure is not worth a word.
    this.#centrifuge.rpc("signal.send", signal).catch(() => {});
  }

  async history({ limit, after, before }: HistoryQuery): Promise<HistoryPage> {
    const reverse = after === undefined;
    const offset = after ?? before;
    const since = offset === undefined ? {} : { since: { offset, epoch: this.#epoch } };
    await this.#requests.ready();
    const result = await asClient(
      this.#centrifuge.history(this.name, { limit, reverse, ...since }),
    );
    this.#epoch = result.epoch;
    const entries = result.publications.flatMap((publication) => toEntry(publication) ?? []);
    const hasMore = entries.length >= limit;
    return { entries: reverse ? entries.reverse() : entries, hasMore, epoch: result.epoch };
  }

  async presence(): Promise<PresenceMember[]> {
    await this.#requests.ready();
    const { clients } = await asClient(this.#centrifuge.presence(this.name));
    return Object.values(clients).map(toMember);
  }

  on<Name extends keyof ChannelEvents>(
    name: Name,
    listener: (event: ChannelEvents[Name]) => void,
  ): Unlisten {
    return this.#emitter.on(name, listener);
  }

  #forwardEvents(): void {
    const emitter = this.#emitter;
    this.#subscription
      .on("publication", (publication) => {
        const signal = toSignal(publication);
        if (signal !== undefined) emitter.emit("signal", signal);
        const entry = toEntry(publication);
        if (entry !== undefined) this.#receive(entry);
      })
      .on("join", ({ info }) => emitter.emit("join", toMember(info)))
      .on("leave", ({ info }) => emitter.emit("leave", toMember(info)))
      .on("subscribing", () => {
        this.#refusal = undefined;
        emitter.emit("state", { state: "subscribing" });
      })
      .on("subscribed", (context) => this.#subscribed(context))
      .on("unsubscribed", (context) => {
        const error = toCloseError(context);
        this.#refusal = error;
        emitter.emit("state", { state: "unsubscribed", ...(error === undefined ? {} : { error }) });
      });
  }

  #receive(entry: Entry): void {
    this.#lastOffset = entry.offset;
    this.#emitter.emit("entry", entry);
    const message = asMessage(entry);
    if (message !== undefined) this.#emitter.emit("message", message);
  }

  #subscribed({ streamPosition, wasRecovering, recovered }: SubscribedContext): void {
    const position = streamPosition ?? { offset: 0, epoch: "" };
    this.#epoch = position.epoch;
    if (!recovered) this.#lastOffset = position.offset;
    const afterOffset = this.#lastOffset;
    const isContinuous = recovered || !wasRecovering;
    this.#emitter.emit("state", { state: "subscribed", position, isContinuous });
    // What was missed is handed over in the same turn, right after this event.
    if (recovered) queueMicrotask(() => this.#emitter.emit("recovered", { afterOffset }));
  }
}

async function asClient<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (thrown) {
    throw toClientError(thrown);
  }
}

function toMember({ client, user }: ClientInfo): PresenceMember {
  return { client, user };
}
