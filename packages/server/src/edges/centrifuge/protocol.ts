import type { Broadcast } from "@anywire/core";

/**
 * The requests of the Centrifuge client protocol.
 * @see https://centrifugal.dev/docs/transports/client_protocol
 */
export const METHODS = [
  "connect",
  "subscribe",
  "unsubscribe",
  "publish",
  "presence",
  "presence_stats",
  "history",
  "rpc",
  "send",
  "refresh",
  "sub_refresh",
  "ping",
] as const;

/** One of {@link METHODS}. */
export type Method = (typeof METHODS)[number];

/** One request of a client. `id` is 0 for `send`, which has no reply. */
export interface Command {
  readonly id: number;
  readonly method: Method;
  /** The request's fields as they came; `data` is the parsed JSON. */
  readonly params: unknown;
}

/** What came in one frame: commands, pongs (`null`), and commands of no known method. */
export type Incoming = Command | UnknownCommand | null;

/** A command that asks for nothing this server knows. */
export interface UnknownCommand {
  readonly id: number;
  readonly method: "unknown";
}

/** JSON text that goes into a reply as it is, without being parsed and written again. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * A value in a reply. `undefined`, `false`, `0` and `""` are left out of objects, as the protocol
 * wants; a {@link Broadcast} stands for its publication.
 */
export type WireValue =
  | string
  | number
  | boolean
  | undefined
  | JsonText
  | Broadcast
  | readonly WireValue[]
  | WireObject;

/** A reply's result: the fields of the protocol's definition. */
export interface WireObject {
  readonly [field: string]: WireValue;
}

/** One encoded reply or push: a line of JSON, or the bytes of one length-prefixed Protobuf message. */
export type Message = string | Uint8Array;

/** One encoding of the protocol. */
export interface Codec {
  readonly name: "json" | "protobuf";
  /** Content type of a stream in this encoding. */
  readonly contentType: string;
  /**
   * Takes a frame apart.
   * @throws {AnywireError} `bad_request` when it is not of this encoding; nothing of it is used then.
   */
  decode(frame: Uint8Array): Incoming[];
  /** A reply with a result. */
  reply(id: number, method: Method, result: WireObject): Message;
  /** A reply with an error. */
  error(id: number, code: number, text: string, isTemporary: boolean): Message;
  /** A push that is not a publication: `unsubscribe`, `disconnect`, `refresh` … */
  push(channel: string, kind: string, value: WireObject): Message;
  /** A broadcast as a push; encoded once, then taken from the broadcast. */
  broadcast(broadcast: Broadcast): Message;
  /** The message that asks a client whether it is there. */
  readonly ping: Message;
  /** The messages of one turn as the payload of one frame. */
  join(messages: readonly Message[]): Buffer;
}
