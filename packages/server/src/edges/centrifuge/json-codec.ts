import { Broadcast } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import {
  type Codec,
  type Incoming,
  JsonText,
  METHODS,
  type WireObject,
  type WireValue,
} from "./protocol.ts";
import { isPublication, publicationFields } from "./publication.ts";

/** The protocol as lines of JSON. */
export const jsonCodec: Codec = {
  name: "json",
  contentType: "application/json",
  ping: "{}",

  decode(frame) {
    const text = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString("utf8");
    const incoming: Incoming[] = [];
    for (const line of text.split("\n")) {
      if (line !== "") incoming.push(incomingOf(parse(line)));
    }
    return incoming;
  },

  reply: (id, method, result) => `{"id":${id},"${method}":${objectJson(result)}}`,

  error: (id, code, text, isTemporary) =>
    `{"id":${id},"error":${objectJson({ code, message: text, temporary: isTemporary })}}`,

  push: (channel, kind, value) => `{"push":${objectJson({ channel, [kind]: value })}}`,

  broadcast(broadcast) {
    broadcast.json ??= encode(broadcast);
    return broadcast.json;
  },

  join(messages) {
    return Buffer.from(messages.length === 1 ? String(messages[0]) : messages.join("\n"), "utf8");
  },
};

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new AnywireError("bad_request", "a frame must be lines of JSON, one command each", {
      cause,
    });
  }
}

function incomingOf(value: unknown): Incoming {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AnywireError("bad_request", "a command must be a JSON object");
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const { id = 0 } = fields;
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0 || id > 0xffff_ffff) {
    throw new AnywireError("bad_request", "a command's id must be a whole number of 32 bits");
  }
  for (const method of METHODS) {
    if (Object.hasOwn(fields, method)) return { id, method, params: fields[method] };
  }
  return Object.keys(fields).length === 0 ? null : { id, method: "unknown" };
}

function encode(broadcast: Broadcast): string {
  const { topic, event } = broadcast;
  if (isPublication(event)) return `${publicationPrefix(topic)}${publicationJson(broadcast)}}}`;
  const { client, user } = event.member;
  return jsonCodec.push(topic, event.type, { info: { user, client } }) as string;
}

function publicationPrefix(topic: string): string {
  return `{"push":{"channel":"${topic}","pub":`;
}

function publicationJson(broadcast: Broadcast): string {
  const { dataJson, user, client, offset, tags, time, channel } = publicationFields(broadcast);
  const rest = objectJson({ info: { user, client }, offset, tags, time, channel });
  return `{"data":${dataJson},${rest.slice(1)}`;
}

/** The publication alone, cut out of the push when that is encoded already. */
function publicationOf(broadcast: Broadcast): string {
  const push = jsonCodec.broadcast(broadcast) as string;
  return push.slice(publicationPrefix(broadcast.topic).length, -2);
}

function valueJson(value: WireValue): string {
  if (value instanceof JsonText) return value.text;
  if (value instanceof Broadcast) return publicationOf(value);
  if (Array.isArray(value)) return listJson(value);
  if (typeof value === "object") return objectJson(value as WireObject);
  return JSON.stringify(value);
}

/** Those who come back together are given the very same list of publications: it is encoded once. */
const encodedPages = new WeakMap<readonly WireValue[], string>();

function listJson(list: readonly WireValue[]): string {
  const encoded = encodedPages.get(list);
  if (encoded !== undefined) return encoded;
  const json = `[${list.map(valueJson).join(",")}]`;
  if (list[0] instanceof Broadcast) encodedPages.set(list, json);
  return json;
}

function objectJson(object: WireObject): string {
  let json = "";
  for (const [field, value] of Object.entries(object)) {
    if (value === undefined || value === false || value === 0 || value === "") continue;
    json += `${json === "" ? "" : ","}${JSON.stringify(field)}:${valueJson(value)}`;
  }
  return `{${json}}`;
}
