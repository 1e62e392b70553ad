import { Broadcast } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import protobuf from "protobufjs";
import { CLIENT_PROTO } from "./client-proto.ts";
import {
  type Codec,
  type Incoming,
  JsonText,
  METHODS,
  type WireObject,
  type WireValue,
} from "./protocol.ts";
import { isPublication, publicationFields } from "./publication.ts";

const { root } = protobuf.parse(CLIENT_PROTO, { keepCase: true });
const commandType = root.lookupType("Command");
const replyType = root.lookupType("Reply");
const emulationType = root.lookupType("EmulationRequest");

/** A command sent to `/emulation`. */
export interface EmulationRequest {
  readonly node: string;
  readonly session: string;
  /** A frame of the session's encoding. */
  readonly data: Uint8Array;
}

/**
 * The protocol in Protobuf: each message after its length. Payloads stay JSON, as bytes, so that phones
 * and browsers on one channel understand each other.
 */
export const protobufCodec: Codec = {
  name: "protobuf",
  contentType: "application/octet-stream",
  ping: Uint8Array.of(0),

  decode(frame) {
    const incoming: Incoming[] = [];
    const reader = protobuf.Reader.create(frame);
    while (reader.pos < reader.len) {
      incoming.push(incomingOf(decodeOrRefuse(() => commandType.decodeDelimited(reader))));
    }
    return incoming;
  },

  reply: (id, method, result) => encodeReply({ id, [method]: plain(result) }),

  error: (id, code, message, temporary) => encodeReply({ id, error: { code, message, temporary } }),

  push: (channel, kind, value) => encodeReply({ push: { channel, [kind]: plain(value) } }),

  broadcast(broadcast) {
    broadcast.protobuf ??= encode(broadcast);
    return broadcast.protobuf;
  },

  join: (messages) => Buffer.concat(messages as readonly Uint8Array[]),
};

/**
 * Reads the body of a request to `/emulation`.
 * @throws {AnywireError} `bad_request` when it is not one.
 */
export function decodeEmulationRequest(body: Uint8Array): EmulationRequest {
  const message = decodeOrRefuse(() => emulationType.decode(body));
  const { node = "", session = "", data = new Uint8Array() } = emulationType.toObject(message);
  return { node, session, data };
}

function decodeOrRefuse(decode: () => protobuf.Message): protobuf.Message {
  try {
    return decode();
  } catch (cause) {
    throw new AnywireError("bad_request", "a frame must be length-prefixed Protobuf messages", {
      cause,
    });
  }
}

function incomingOf(message: protobuf.Message): Incoming {
  const fields = commandType.toObject(message, { longs: Number }) as Record<string, unknown>;
  const { id = 0 } = fields as { readonly id?: number };
  for (const method of METHODS) {
    if (Object.hasOwn(fields, method))
      return { id, method, params: withParsedData(fields[method]) };
  }
  return id === 0 ? null : { id, method: "unknown" };
}

/** The payload of a request is JSON in both encodings. */
function withParsedData(params: unknown): unknown {
  const { data, ...rest } = params as { readonly data?: Uint8Array };
  if (data === undefined || data.length === 0) return rest;
  try {
    return { ...rest, data: JSON.parse(Buffer.from(data).toString("utf8")) };
  } catch (cause) {
    throw new AnywireError("bad_request", "data must be JSON in UTF-8", { cause });
  }
}

function encodeReply(reply: Readonly<Record<string, unknown>>): Uint8Array {
  return replyType.encodeDelimited(reply).finish();
}

function encode(broadcast: Broadcast): Uint8Array {
  const { topic, event } = broadcast;
  if (isPublication(event)) {
    return encodeReply({ push: { channel: topic, pub: publicationOf(broadcast) } });
  }
  return encodeReply({ push: { channel: topic, [event.type]: { info: event.member } } });
}

function publicationOf(broadcast: Broadcast): Readonly<Record<string, unknown>> {
  const { dataJson, user, client, ...rest } = publicationFields(broadcast);
  return { data: Buffer.from(dataJson), info: { user, client }, ...rest };
}

/** A result as the Protobuf library takes it. */
function plain(value: WireValue): unknown {
  if (value instanceof JsonText) return Buffer.from(value.text);
  if (value instanceof Broadcast) return publicationOf(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value as WireObject).map(([field, inner]) => [field, plain(inner)]),
  );
}
