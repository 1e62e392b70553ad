import { Broadcast } from "@anywire/core";
import { isChannelPattern } from "@anywire/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import { anyBroadcast, dataJson, entryBroadcast, entryOf } from "./broadcasts.fixture.ts";
import { jsonCodec } from "./json-codec.ts";
import { JsonText, METHODS } from "./protocol.ts";

function decode(text: string) {
  return jsonCodec.decode(Buffer.from(text));
}

function parse(message: string | Uint8Array): unknown {
  expect(message).not.toContain("\n");
  return JSON.parse(message as string);
}

test("a frame is lines of commands, and an empty one is a pong", () => {
  expect(decode('{"id":1,"connect":{"token":"x"}}\n{}\n\n{"send":{"data":1}}\n')).toEqual([
    { id: 1, method: "connect", params: { token: "x" } },
    null,
    { id: 0, method: "send", params: { data: 1 } },
  ]);
});

test.each(METHODS)("the command %s is known by its field, with whatever it carries", (method) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.jsonValue(), (id, params) => {
      const text = JSON.stringify({ id, [method]: params });
      expect(decode(text)).toEqual([{ id, method, params: JSON.parse(JSON.stringify(params)) }]);
    }),
    { numRuns: 20 },
  );
});

test.each(["", "\n", "\n\n"])("the frame %j holds nothing", (text) => {
  expect(decode(text)).toEqual([]);
});

test.each([
  '{"id":1}',
  '{"id":1,"fly":{}}',
  '{"id":1,"constructor":{}}',
  '{"id":1,"__proto__":{"ping":{}}}',
])("%s is a command of no known method", (text) => {
  expect(decode(text)).toEqual([{ id: 1, method: "unknown" }]);
});

test.each([
  "{",
  "null",
  "[]",
  "1",
  '"ping"',
  '{"id":1}{"id":2}',
  '{"id":-1,"ping":{}}',
  '{"id":1.5,"ping":{}}',
  '{"id":"1","ping":{}}',
  '{"id":4294967296,"ping":{}}',
  '{"id":1e999,"ping":{}}',
  '{"id":null,"ping":{}}',
  '{"id":1,"ping":{}}\nnonsense',
])("the frame %j is refused whole", (text) => {
  expect(() => decode(text)).toThrow(expect.objectContaining({ code: "bad_request" }));
});

test("no bytes whatever make anything but commands or a refusal", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((json) => Buffer.from(json)),
      ),
      (bytes) => {
        try {
          jsonCodec.decode(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad_request" });
        }
      },
    ),
  );
});

test("a frame that is a view into a larger buffer is read within its bounds", () => {
  const buffer = Buffer.from('xx{"id":7,"ping":{}}yy');
  const view = new Uint8Array(buffer.buffer, buffer.byteOffset + 2, buffer.length - 4);
  expect(jsonCodec.decode(view)).toEqual([{ id: 7, method: "ping", params: {} }]);
});

test("a reply says what it says, without what is empty", () => {
  const result = {
    client: 'a"b\\\n\u2028\ud800',
    ttl: 0,
    expires: false,
    version: "",
    session: undefined,
    ping: 25,
    subs: { "p.notification.bob": { recoverable: true, offset: 0 } },
    empty: {},
    list: [0, "", false, { a: 0 }],
  };
  expect(parse(jsonCodec.reply(3, "connect", result))).toEqual({
    id: 3,
    connect: {
      client: 'a"b\\\n\u2028\ud800',
      ping: 25,
      subs: { "p.notification.bob": { recoverable: true } },
      empty: {},
      list: [0, "", false, {}],
    },
  });
});

test("JSON goes into a reply as it is", () => {
  fc.assert(
    fc.property(dataJson, (json) => {
      const reply = parse(jsonCodec.reply(1, "rpc", { data: new JsonText(json) }));
      expect(reply).toEqual({ id: 1, rpc: { data: JSON.parse(json) } });
    }),
  );
});

test("an error tells its code and words, and that it is temporary only when it is", () => {
  const words = 'no "such"\n\u2029 thing';
  expect(parse(jsonCodec.error(2, 111, words, true))).toEqual({
    id: 2,
    error: { code: 111, message: words, temporary: true },
  });
  expect(parse(jsonCodec.error(2, 103, words, false))).toEqual({
    id: 2,
    error: { code: 103, message: words },
  });
});

test("a push names its channel, if it has one", () => {
  const value = { code: 2500, reason: "insufficient state" };
  expect(parse(jsonCodec.push("p.group.a", "unsubscribe", value))).toEqual({
    push: { channel: "p.group.a", unsubscribe: value },
  });
  expect(parse(jsonCodec.push("", "disconnect", { code: 3001 }))).toEqual({
    push: { disconnect: { code: 3001 } },
  });
});

test("any broadcast of a valid topic is one line of JSON", () => {
  fc.assert(
    fc.property(anyBroadcast, (broadcast) => {
      expect(isChannelPattern(broadcast.topic)).toBe(true);
      expect(parse(jsonCodec.broadcast(broadcast))).toMatchObject({
        push: { channel: broadcast.topic },
      });
    }),
  );
});

test("an entry is a publication with its data, sender, position, and tags", () => {
  const entry = entryOf({ dataJson: '{"text":"hi"}', kind: "message" });
  const broadcast = new Broadcast("p.group.lobby", { type: "entry", entry });
  expect(parse(jsonCodec.broadcast(broadcast))).toEqual({
    push: {
      channel: "p.group.lobby",
      pub: {
        data: { text: "hi" },
        info: { user: "bob", client: "c1" },
        offset: 1,
        tags: { id: "m-1", kind: "message", at: "1700000000000" },
        time: 1_700_000_000_000,
      },
    },
  });
});

test("an entry's publication in a reply is the very one of its push", () => {
  fc.assert(
    fc.property(
      fc.array(entryBroadcast, { maxLength: 3 }),
      fc.boolean(),
      (broadcasts, isPushedFirst) => {
        if (isPushedFirst) for (const broadcast of broadcasts) jsonCodec.broadcast(broadcast);
        const reply = parse(jsonCodec.reply(1, "history", { publications: broadcasts }));
        const pushes = broadcasts.map((broadcast) => parse(jsonCodec.broadcast(broadcast)));
        const publications = pushes.map((push) => (push as { push: { pub: unknown } }).push.pub);
        expect(reply).toEqual({ id: 1, history: { publications } });
      },
    ),
  );
});

test("messages of one turn are lines of one frame", () => {
  expect(jsonCodec.join(["{}", '{"a":"é"}']).toString()).toBe('{}\n{"a":"é"}');
  expect(jsonCodec.join([jsonCodec.ping]).toString()).toBe("{}");
  expect(jsonCodec.join([]).length).toBe(0);
});
