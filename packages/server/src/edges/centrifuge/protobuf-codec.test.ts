import { Broadcast } from "@anywire/core";
import { Centrifuge } from "centrifuge";
import { Centrifuge as CentrifugeProtobuf } from "centrifuge/build/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { anyBroadcast, dataJson, entryBroadcast, entryOf } from "./broadcasts.fixture.ts";
import { jsonCodec } from "./json-codec.ts";
import { decodeEmulationRequest, protobufCodec } from "./protobuf-codec.ts";
import { type Codec, JsonText, METHODS, type Message, type WireObject } from "./protocol.ts";

/** What the official SDK reads and writes with, generated from the protocol's own definition. */
interface OfficialCodec {
  encodeCommands(commands: readonly object[]): Uint8Array & string;
  decodeReplies(data: unknown): object[];
  encodeEmulationRequest(request: object): Uint8Array;
}

function officialCodec(client: object): OfficialCodec {
  return (client as { readonly _codec: OfficialCodec })._codec;
}

const officialProtobuf = officialCodec(new CentrifugeProtobuf("ws://127.0.0.1:1"));
const officialJson = officialCodec(new Centrifuge("ws://127.0.0.1:1"));

/**
 * A reply without what says nothing: Proto3 knows no difference between absent and empty. Data is JSON
 * in one encoding and its bytes in the other.
 */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  // A 64-bit number.
  if ("toNumber" in value) return (value as { toNumber(): number }).toNumber();
  const fields = Object.entries(value).map(([name, inner]) => {
    const isBytes = name === "data" && inner instanceof Uint8Array;
    const data = isBytes ? JSON.parse(Buffer.from(inner).toString("utf8")) : inner;
    return [name, name === "data" ? { json: data } : plain(inner)] as const;
  });
  return Object.fromEntries(fields.filter(([, inner]) => !isEmptyValue(inner)));
}

function isEmptyValue(value: unknown): boolean {
  return value === 0 || value === "" || value === false || (Array.isArray(value) && !value.length);
}

function read(codec: OfficialCodec, message: Message): unknown {
  const replies = codec.decodeReplies(message);
  expect(replies.length).toBe(1);
  return plain(replies[0]);
}

/** Has both codecs write a message and the official clients read it: they must understand the same. */
function expectSame(write: (codec: Codec) => Message): unknown {
  const json = read(officialJson, write(jsonCodec));
  expect(read(officialProtobuf, write(protobufCodec))).toEqual(json);
  return json;
}

const RESULTS: readonly [string, (typeof METHODS)[number], WireObject][] = [
  [
    "connect",
    "connect",
    {
      client: "c1",
      version: "0.1.0",
      expires: true,
      ttl: 3600,
      data: new JsonText('{"account":"bob"}'),
      subs: {
        "p.notification.bob": {
          recoverable: true,
          positioned: true,
          epoch: "e",
          offset: 2 ** 53 - 1,
          recovered: true,
          was_recovering: true,
          publications: [new Broadcast("p.>", { type: "entry", entry: entryOf() })],
        },
      },
      ping: 25,
      pong: true,
      session: "c1",
      node: "n1",
      time: 1_700_000_000_000,
    },
  ],
  ["a subscription that expires", "subscribe", { expires: true, ttl: 60, epoch: "e", offset: 7 }],
  ["a subscription that is empty", "subscribe", { publications: undefined, recovered: false }],
  ["unsubscribe", "unsubscribe", {}],
  ["publish", "publish", {}],
  ["presence", "presence", { presence: { c1: { user: "bob", client: "c1" } } }],
  ["presence_stats", "presence_stats", { num_clients: 3, num_users: 2 }],
  ["history", "history", { epoch: "e", offset: 9, publications: [] }],
  ["ping", "ping", {}],
  ["rpc", "rpc", { data: new JsonText('{"a":[null,"\\u2028"]}') }],
  ["refresh", "refresh", { client: "c1", version: "0.1.0", expires: true, ttl: 60 }],
  ["sub_refresh", "sub_refresh", { expires: true, ttl: 60 }],
];

test.each(RESULTS)("the reply %s means the same in both encodings", (_name, method, result) => {
  const reply = expectSame((codec) => codec.reply(4, method, result));
  expect(reply).toMatchObject({ id: 4, [method]: {} });
});

test("every command that has a reply is among them", () => {
  const replied = new Set(RESULTS.map(([, method]) => method));
  expect(METHODS.filter((method) => !replied.has(method))).toEqual(["send"]);
});

test("errors mean the same in both encodings", () => {
  fc.assert(
    fc.property(fc.string(), fc.boolean(), (words, isTemporary) => {
      expectSame((codec) => codec.error(3, 111, words, isTemporary));
    }),
  );
});

test("pushes that are no publications mean the same in both encodings", () => {
  expectSame((codec) => codec.push("p.group.a", "unsubscribe", { code: 2500, reason: "x" }));
  expectSame((codec) => codec.push("", "disconnect", { code: 3001, reason: "y", reconnect: true }));
});

test("every broadcast means the same in both encodings, its data to the last character", () => {
  fc.assert(
    fc.property(anyBroadcast, (broadcast) => {
      expectSame((codec) => codec.broadcast(broadcast));
    }),
  );
});

test("history means the same in both encodings", () => {
  fc.assert(
    fc.property(fc.array(entryBroadcast, { minLength: 1, maxLength: 3 }), (publications) => {
      expectSame((codec) => codec.reply(1, "history", { publications, epoch: "e", offset: 1 }));
    }),
  );
});

test("several messages of one turn are read one after the other, and the ping is an empty one", () => {
  const messages = [protobufCodec.ping, protobufCodec.reply(5, "ping", {}), protobufCodec.ping];
  const replies = officialProtobuf.decodeReplies(protobufCodec.join(messages));
  expect(replies.map(plain)).toEqual([{}, { id: 5, ping: {} }, {}]);
  expect(read(officialJson, jsonCodec.ping)).toEqual({});
});

const COMMANDS: readonly (readonly [string, object])[] = [
  ["connect", { token: "t", name: "js", version: "1", subs: { a: { recover: true, offset: 7 } } }],
  ["connect", {}],
  ["subscribe", { channel: "p.a.b", recover: true, offset: 2 ** 53 - 1, epoch: "e", flag: 3 }],
  ["subscribe", { channel: "p.a.b", token: "t", join_leave: true, positioned: true }],
  ["unsubscribe", { channel: "p.a.b" }],
  ["presence", { channel: "p.a.b" }],
  ["presence_stats", { channel: "p.a.b" }],
  ["history", { channel: "p.a.b", limit: -1, since: { offset: 3, epoch: "e" }, reverse: true }],
  ["refresh", { token: "t" }],
  ["sub_refresh", { channel: "p.a.b", token: "t" }],
  ["ping", {}],
];

test.each(COMMANDS)(
  "the command %s %j of an official client is read the same in both encodings",
  (method, params) => {
    const commands = [{ id: 9, [method]: params }];
    const fromJson = jsonCodec.decode(Buffer.from(officialJson.encodeCommands(commands)));
    expect(protobufCodec.decode(officialProtobuf.encodeCommands(commands))).toEqual(fromJson);
    expect(fromJson).toEqual([{ id: 9, method, params }]);
  },
);

test("the JSON in a command of an official client is read the same in both encodings", () => {
  fc.assert(
    fc.property(dataJson, (json) => {
      const bytes = Buffer.from(json);
      const data = JSON.parse(json);
      const commands = (value: unknown) => [
        { id: 1, publish: { channel: "p.a.b", data: value } },
        { id: 2, rpc: { method: "m", data: value } },
        { send: { data: value } },
      ];
      const frame = officialProtobuf.encodeCommands(commands(bytes));
      const text = officialJson.encodeCommands(commands(data));
      expect(protobufCodec.decode(frame)).toEqual(jsonCodec.decode(Buffer.from(text)));
    }),
  );
});

test("an empty message is a pong, one with an id alone a command of no known method", () => {
  const frame = officialProtobuf.encodeCommands([{}, { id: 4 }, {}]);
  expect(protobufCodec.decode(frame)).toEqual([null, { id: 4, method: "unknown" }, null]);
  expect(protobufCodec.decode(new Uint8Array())).toEqual([]);
});

test("data that is no JSON is refused", () => {
  const publish = { channel: "p.a.b", data: Buffer.from("{") };
  const frame = officialProtobuf.encodeCommands([{ id: 1, publish }]);
  expect(() => protobufCodec.decode(frame)).toThrow(
    expect.objectContaining({ code: "bad_request", message: expect.stringContaining("JSON") }),
  );
});

test("no bytes whatever make anything but commands or a refusal", () => {
  const groups = new Uint8Array(60_000).fill(0x0b);
  groups.set([0xdd, 0xd4, 0x03]);
  const frames = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.constant(groups),
    fc.constant(Uint8Array.of(5, 8)),
    fc.constant(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)),
  );
  fc.assert(
    fc.property(frames, (bytes) => {
      try {
        protobufCodec.decode(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: "bad_request" });
      }
    }),
    { numRuns: 1000 },
  );
});

test("a request to /emulation is read as the official client wrote it", () => {
  const request = { node: "n1", session: "s1", data: Uint8Array.of(1, 2, 3) };
  const emulation = decodeEmulationRequest(officialProtobuf.encodeEmulationRequest(request));
  expect({ ...emulation, data: [...emulation.data] }).toEqual({ ...request, data: [1, 2, 3] });
  expect(decodeEmulationRequest(new Uint8Array())).toMatchObject({ node: "", session: "" });
  expect(() => decodeEmulationRequest(Uint8Array.of(0xff))).toThrow(
    expect.objectContaining({ code: "bad_request" }),
  );
});
