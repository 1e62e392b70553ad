import { expect, expectTypeOf, test } from "vitest";
import { isFunctionDefinition } from "../author/definition.ts";
import { runFunction } from "../author/testing/run-function.ts";
import { type FromPubNub, fromPubNub, type PubNubHandler } from "./from-pubnub.ts";
import type { PubNubHttpRequest, PubNubHttpResponse } from "./http-request.ts";
import type { PubNubAnswers } from "./outcome.ts";

type Fields = Record<string, unknown>;

const BEFORE = { trigger: "beforePublish", binding: "*.group.*" } as const;

test("it is a function like another, bound to what PubNub publishes", () => {
  const definition = fromPubNub(BEFORE, (request) => request.ok());
  expect(isFunctionDefinition(definition)).toBe(true);
  expect(definition).toMatchObject({
    ...BEFORE,
    options: { kinds: ["message", "edit", "data"] },
  });
});

test.each([
  [
    { trigger: "onInterval", binding: 60_000 },
    { binding: "60000", options: {} },
  ],
  [
    { trigger: "onInterval", binding: "10m" },
    { binding: "600000", options: {} },
  ],
  [{ trigger: "onRequest", binding: "v1/tasks/*" }, { binding: "* /v1/tasks/*" }],
  [{ trigger: "onRequest", binding: "POST hook" }, { binding: "POST /hook" }],
  [{ trigger: "onRequest", binding: "GET /hook" }, { binding: "GET /hook" }],
  [{ trigger: "onRequest", binding: "hook" }, { options: { auth: "none" } }],
  [
    { trigger: "onRequest", binding: "hook", options: { auth: "token", deadlineMs: 50 } },
    { options: { auth: "token", deadlineMs: 50 } },
  ],
  [
    { trigger: "afterPublish", binding: "*.sms.*", options: { kinds: ["data"] } },
    { options: { kinds: ["data"] } },
  ],
] as readonly (readonly [FromPubNub, Fields])[])("%j becomes %j", (binding, expected) => {
  expect(fromPubNub(binding, () => undefined)).toMatchObject(expected);
});

test.each([
  [{ trigger: "beforePublish", binding: "group.*" }, "beforePublish: the channel pattern is"],
  [{ trigger: "onRequest", binding: "v1/tasks*" }, "onRequest: the route is"],
  [{ trigger: "onInterval", binding: "soon" }, "onInterval: the interval is"],
] as readonly (readonly [FromPubNub, string])[])("%j is refused", (binding, text) => {
  expect(() => fromPubNub(binding, () => undefined)).toThrow(text);
});

test("a file without a handler is refused", () => {
  expect(() => fromPubNub(BEFORE, undefined as never)).toThrow(
    "the handler is nothing; it must be a function, (request) => request.ok()",
  );
});

/** Runs a handler before a message or data. */
async function before(handler: PubNubHandler<"beforePublish">, event: object = {}) {
  return runFunction(fromPubNub(BEFORE, handler), event);
}

test("a message that is let pass as it was goes on as it was", async () => {
  const { result } = await before((request) => request.ok(), { message: "hi" });
  expect(result).toEqual({ type: "ok" });
});

test("a changed message goes on changed: what is no field of a message is its meta", async () => {
  const { result } = await before(
    (request) => {
      const message = request.message as Fields;
      message["text"] = "HI";
      message["processedAt"] = 7;
      return request.ok();
    },
    { message: { text: "hi", meta: { userId: "7" } } },
  );
  expect(result).toEqual({
    type: "ok",
    changed: { text: "HI", meta: { userId: "7", processedAt: 7 } },
  });
});

test("a message can be replaced, also after ok() was called", async () => {
  const { result } = await before((request) => {
    const answer = request.ok();
    request.message = "another";
    return answer;
  });
  expect(result).toEqual({ type: "ok", changed: { text: "another" } });
});

test("data are seen and changed as they are", async () => {
  const seen: unknown[] = [];
  const { result } = await before(
    (request) => {
      seen.push(structuredClone(request.message));
      (request.message as Fields)["celsius"] = 21;
      return request.ok();
    },
    { kind: "data", data: { kelvin: 294 } },
  );
  expect(seen).toEqual([{ kelvin: 294 }]);
  expect(result).toEqual({ type: "ok", changed: { kelvin: 294, celsius: 21 } });
});

test.each([
  ["too rude", "too rude"],
  [new Error("it broke"), "it broke"],
  [{ code: 7 }, '{"code":7}'],
  [7, "7"],
  [undefined, "refused by a function"],
  ["", "refused by a function"],
])("abort(%j) tells the sender %j", async (reason, expected) => {
  const { result } = await before((request) => request.abort(reason));
  expect(result).toEqual({ type: "abort", reason: expected });
});

test("abort of what is no JSON has a text all the same", async () => {
  const circle: Fields = {};
  circle["self"] = circle;
  const { result } = await before((request) => request.abort(circle));
  expect(result).toMatchObject({ type: "abort", reason: expect.any(String) });
});

test("what was said last counts, returned or not", async () => {
  const { result } = await before((request) => {
    void request.abort("first");
    void request.ok();
  });
  expect(result).toEqual({ type: "ok" });
});

test.each([
  ["says nothing", () => undefined, "the handler ended without an answer"],
  [
    "makes the message a number",
    (request) => {
      request.message = 7;
      return request.ok();
    },
    "a message must be an object",
  ],
  [
    "takes the message away",
    (request) => {
      request.message = undefined;
      return request.ok();
    },
    "request.message must be JSON",
  ],
  [
    "takes the text away",
    (request) => {
      request.message = {};
      return request.ok();
    },
    "a message needs text or parts",
  ],
] as readonly (readonly [string, PubNubHandler<"beforePublish">, string])[])(
  "a handler that %s failed",
  async (_, handler, text) => {
    await expect(before(handler)).rejects.toMatchObject({
      failure: "bad_result",
      message: expect.stringContaining(text),
    });
  },
);

test("what a handler throws is thrown", async () => {
  await expect(before(() => Promise.reject(new TypeError("oops")))).rejects.toThrow("oops");
});

test("the request tells channel, sender and platform", async () => {
  const event = { channel: "staging.group.lobby", sender: "account:ann" };
  await before((request) => {
    expect(request).toMatchObject({
      channels: ["staging.group.lobby"],
      verb: "publish",
      subkey: "staging",
      pubkey: "staging",
      params: { uuid: "ann" },
      meta: {},
    });
    return request.ok();
  }, event);
  await before(
    (request) => {
      expect(request.params.uuid).toBe("phone:+447700900123");
      return request.ok();
    },
    { sender: "phone:+447700900123" },
  );
});

test("the channel cannot be changed by the request, and whoever tries is told", async () => {
  const handlers: PubNubHandler<"beforePublish">[] = [
    (request) => (request.channels as unknown as string[]).push("production.group.other"),
    (request) => Object.assign(request, { channels: ["production.group.other"] }),
  ];
  for (const handler of handlers) await expect(before(handler)).rejects.toThrow(TypeError);
});

test("a signal is its data, and an empty object where it has none", async () => {
  const binding = { trigger: "beforeSignal", binding: "*.group.*" } as const;
  const definition = fromPubNub(binding, (request) => {
    expect(request).toMatchObject({ verb: "signal", params: { uuid: "ann" } });
    (request.message as Fields)["seen"] = true;
    return request.ok();
  });
  const one = await runFunction(definition, { accountId: "ann", data: { t: 1 } });
  expect(one.result).toEqual({ type: "ok", changed: { t: 1, seen: true } });
  const other = await runFunction(definition, { accountId: "ann" });
  expect(other.result).toEqual({ type: "ok", changed: { seen: true } });
});

test("a signal without data that is let pass stays without", async () => {
  const binding = { trigger: "beforeSignal", binding: "*.group.*" } as const;
  const { result } = await runFunction(fromPubNub(binding, (request) => request.ok()));
  expect(result).toEqual({ type: "ok" });
});

test("after a publish the request tells the timetoken", async () => {
  const binding = { trigger: "afterPublish", binding: "*.group.*" } as const;
  const definition = fromPubNub(binding, (request) => {
    expect(request).toMatchObject({ timetoken: "18934560000000001", message: { text: "hi" } });
    return request.ok();
  });
  const { result } = await runFunction(definition, {
    message: "hi",
    timetoken: "18934560000000001",
  });
  expect(result).toEqual({ type: "ok" });
});

test("after a join the message tells who came and when", async () => {
  const binding = { trigger: "afterPresence", binding: "*.group.*" } as const;
  const definition = fromPubNub(binding, (request) => {
    const message = { action: "join", uuid: "ann", timestamp: 1_893_456_000 };
    expect(request).toMatchObject({ verb: "presence", message, params: { uuid: "ann" } });
    return request.ok();
  });
  await runFunction(definition, { action: "join", accountId: "ann" }, { now: 1_893_456_000_999 });
});

test.each([
  ["aborts", (event: PubNubAnswers) => event.abort("no data"), "aborted: no data"],
  ["says nothing", () => undefined, "the handler ended without ok() or abort()"],
])("a handler of an interval that %s is done, and its log says so", async (_, handler, line) => {
  const definition = fromPubNub({ trigger: "onInterval", binding: "1m" }, handler);
  const { result, logs } = await runFunction(definition);
  expect(result).toEqual({ type: "ok" });
  expect(logs).toMatchObject([{ level: "warn", text: expect.stringContaining(line) }]);
});

test("a handler of a cron expression gets the same event", async () => {
  const definition = fromPubNub({ trigger: "onCron", binding: "0 9 * * 1-5" }, (event) =>
    event.ok(),
  );
  expect(await runFunction(definition)).toMatchObject({ result: { type: "ok" }, logs: [] });
});

test("the types of what a handler gets follow from its trigger", () => {
  fromPubNub({ trigger: "onRequest", binding: "/hook" }, (request, response) => {
    expectTypeOf(request).toEqualTypeOf<PubNubHttpRequest>();
    expectTypeOf(response).toEqualTypeOf<PubNubHttpResponse>();
  });
  fromPubNub(BEFORE, (request) => {
    expectTypeOf(request.message).toEqualTypeOf<unknown>();
  });
  fromPubNub({ trigger: "onInterval", binding: "1m" }, (event) => {
    expectTypeOf(event).toEqualTypeOf<PubNubAnswers>();
  });
});
