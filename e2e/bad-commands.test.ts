import { describe, expect, it } from "vitest";
import { startBystander } from "./support/bystander.ts";
import { connectRaw, openRaw } from "./support/raw-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.lobby";

/** Arrays in arrays, as text: deeper than a stack. */
function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

const TOO_DEEP = JSON.parse(nested(33));

describe("a command that can't be carried out is answered with a code and a sentence", () => {
  it.each<[what: string, command: object, code: number, sentence: string]>([
    ["no known method", { teleport: {} }, 104, "there is no such command; see the protocol"],
    [
      "a malformed channel name",
      { subscribe: { channel: "lobby" } },
      102,
      '"lobby" is not a channel name; write platform.type.id with letters, digits, _ and -',
    ],
    ["no channel", { subscribe: {} }, 107, "channel: "],
    ["an undeclared type", { subscribe: { channel: "production.fax.1" } }, 102, "no channel type"],
    [
      "another platform",
      { publish: { channel: "staging.group.lobby", data: 1 } },
      103,
      "staging.group.lobby must begin with production, the token's platform",
    ],
    ["all platforms", { subscribe: { channel: ">" } }, 103, "must begin with production"],
    ["a pattern to publish to", { publish: { channel: "production.sms.*", data: 1 } }, 102, "*"],
    ["a pattern's presence", { presence: { channel: "production.sms.*" } }, 102, "*"],
    ["a prototype's name", { subscribe: { channel: "__proto__" } }, 102, "__proto__"],
    ["a name with a line break", { subscribe: { channel: "a.b.c\nd" } }, 102, '"a.b.c\\nd"'],
    ["a name without end", { subscribe: { channel: "x".repeat(100_000) } }, 102, "xxx"],
    [
      "a negative offset",
      { subscribe: { channel: CHANNEL, recover: true, offset: -1, epoch: "e" } },
      107,
      "offset: ",
    ],
    [
      "an offset beyond all numbers",
      { history: { channel: CHANNEL, limit: 1, since: { offset: 1e300, epoch: "" } } },
      107,
      "since.offset: ",
    ],
    ["half an entry", { history: { channel: CHANNEL, limit: 0.5 } }, 107, "limit: "],
    [
      "a position that is void, to be recovered or else",
      { subscribe: { channel: CHANNEL, recover: true, offset: 1, epoch: "e", flag: 2 } },
      112,
      "what was missed can't be recovered",
    ],
    ["a tag filter", { subscribe: { channel: CHANNEL, tf: {} } }, 108, "not supported"],
    ["no data", { publish: { channel: CHANNEL } }, 107, "data is missing; publish any JSON value"],
    [
      "data deeper than the limit",
      { publish: { channel: CHANNEL, data: TOO_DEEP } },
      413,
      "data is nested deeper than 32; flatten it",
    ],
    [
      "data larger than the limit",
      { publish: { channel: CHANNEL, data: "☃".repeat(30_000) } },
      413,
      "data has more than 65536 bytes as JSON; send less, or send a link to it",
    ],
    ["a second connect", { connect: { token: "" } }, 107, "already connected"],
    [
      "a refresh of no subscription",
      { sub_refresh: { channel: CHANNEL, token: "" } },
      404,
      `not subscribed to ${CHANNEL}; subscribe first`,
    ],
    ["a call of a builtin", { rpc: { method: "constructor" } }, 104, "no method constructor"],
    ["a call that says nothing", { rpc: {} }, 107, "method: "],
    ["parameters of another shape", { presence: [CHANNEL] }, 107, "must be an object"],
    ["no parameters", { history: null }, 107, "must be an object"],
  ])("%s", async (_what, command, code, sentence) => {
    const server = await startTestServer();
    const bystander = await startBystander(server);
    const client = await connectRaw(server);
    const { error } = await client.request(command);
    expect(error).toMatchObject({ code, message: expect.stringContaining(sentence) });
    expect(error?.message.length).toBeLessThan(500);
    expect(await client.request({ ping: {} })).toEqual({ id: 3, ping: {} });
    await bystander.assertUndisturbed();
  });
});

describe("a frame that can't be read ends the connection with 3501", () => {
  it.each([
    ["malformed JSON", '{"id":1,'],
    ["a list", "[]"],
    ["a text", '"hello"'],
    ["nothing", "null"],
    ["a command's id that is no number", '{"id":"1","ping":{}}'],
    ["a command's id that is negative", '{"id":-1,"ping":{}}'],
    ["a command's id of more than 32 bits", '{"id":4294967296,"ping":{}}'],
    ["brackets without end", "[".repeat(200_000)],
    ["a good command and then rubbish", '{"id":1,"ping":{}}\n}'],
    ["bytes that are no text", Uint8Array.of(0xff, 0xfe, 0x00)],
  ])("%s", async (_what, frame) => {
    const server = await startTestServer();
    const bystander = await startBystander(server);
    const client = await connectRaw(server);
    client.send(frame);
    expect(await client.closed).toEqual({ code: 3501, reason: "bad request" });
    await bystander.assertUndisturbed();
  });
});

// Nesting far beyond the limit overflowed the stack of whoever walked it first.
describe("nesting deeper than any stack is refused like any other", () => {
  const deep = nested(60_000);
  it.each([
    ["published", `{"id":9,"publish":{"channel":"${CHANNEL}","data":${deep}}}`],
    [
      "in what looks like a message",
      `{"id":9,"publish":{"channel":"${CHANNEL}","data":{"text":"a","meta":{"a":${deep}}}}}`,
    ],
    [
      "in a message",
      `{"id":9,"rpc":{"method":"message.send","data":{"channel":"${CHANNEL}","text":"a","meta":{"a":${deep}}}}}`,
    ],
    [
      "in a signal",
      `{"id":9,"rpc":{"method":"signal.send","data":{"channel":"${CHANNEL}","kind":"typing","data":${deep}}}}`,
    ],
    ["in a call of nothing", `{"id":9,"rpc":{"method":"nothing","data":${deep}}}`],
    ["where a name belongs", `{"id":9,"subscribe":{"channel":${deep}}}`],
    ["as parameters", `{"id":9,"history":${deep}}`],
  ])("%s", async (_what, frame) => {
    const server = await startTestServer();
    const bystander = await startBystander(server);
    const client = await connectRaw(server);
    client.send(frame);
    const { error } = await client.replies.find(({ id }) => id === 9);
    expect([104, 107, 413]).toContain(error?.code);
    expect(client.isOpen).toBe(true);
    await bystander.assertUndisturbed();
  });
});

it("a frame larger than the limit ends the connection with 1009, the code for that", async () => {
  const server = await startTestServer();
  const bystander = await startBystander(server);
  const client = await connectRaw(server);
  client.send(`{"id":1,"ping":{}}${" ".repeat(256 * 1024)}`);
  expect(await client.closed).toMatchObject({ code: 1009 });
  await bystander.assertUndisturbed();
});

it("a command before connect ends the connection with 3501", async () => {
  const server = await startTestServer();
  const client = await openRaw(server);
  client.send('{"id":1,"subscribe":{"channel":"production.group.lobby"}}');
  expect(await client.closed).toEqual({ code: 3501, reason: "bad request" });
});

it("commands may come in one frame with connect, and wait for it", async () => {
  const server = await startTestServer();
  const client = await openRaw(server);
  const token = await server.token("bob");
  const replies = await client.requestAll([
    { connect: { token } },
    { subscribe: { channel: CHANNEL } },
    { publish: { channel: CHANNEL, data: 1 } },
  ]);
  expect(replies.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
});

it("subscribing twice is refused, and the first subscription lives on", async () => {
  const server = await startTestServer();
  const client = await connectRaw(server);
  const [first, second] = await client.requestAll([
    { subscribe: { channel: CHANNEL } },
    { subscribe: { channel: CHANNEL } },
  ]);
  expect(first?.error).toBeUndefined();
  expect(second?.error).toMatchObject({
    code: 105,
    message: `already subscribed to ${CHANNEL}`,
  });
  await client.request({ publish: { channel: CHANNEL, data: 1 } });
  await client.replies.find(({ push }) => push?.pub?.offset === 1);
});

it("unsubscribing from what is not subscribed is no error", async () => {
  const server = await startTestServer();
  const client = await connectRaw(server);
  expect(await client.request({ unsubscribe: { channel: "anything" } })).toEqual({
    id: 2,
    unsubscribe: {},
  });
});
