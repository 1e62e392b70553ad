import { expect, test } from "vitest";
import { runFunction } from "../author/testing/run-function.ts";
import { fromPubNub, type PubNubHandler } from "./from-pubnub.ts";
import type { PubNubHttpResponse } from "./http-request.ts";

type Handler = PubNubHandler<"onRequest">;

/** What a handler answers to a request. */
async function answerOf(handler: Handler, event: object = {}, binding = "tasks/:id") {
  const definition = fromPubNub({ trigger: "onRequest", binding }, handler);
  return (await runFunction(definition, event)).response;
}

test("the request tells method, path, query, headers and body", async () => {
  const body = new TextEncoder().encode('{"done":true}');
  const event = {
    method: "PUT",
    path: "/tasks/7",
    url: "https://example.org/functions/tasks/7?lang=en&page=2",
    headers: { "user-agent": "curl/8", "x-key": "k" },
    body,
    clientAddress: "203.0.113.7",
  };
  const response = await answerOf(async (request, response) => {
    expect(request).toMatchObject({
      method: "PUT",
      verb: "PUT",
      path: "/tasks/7",
      query: { lang: "en", page: "2" },
      params: { lang: "en", page: "2", id: "7" },
      headers: { "x-key": "k" },
      body: '{"done":true}',
      subkey: "production",
      meta: { clientip: "203.0.113.7", useragent: "curl/8" },
    });
    expect(await request.json()).toEqual({ done: true });
    return response.send();
  }, event);
  expect(response.status).toBe(200);
});

test("a body that is no JSON is answered with 400, unless the handler catches it", async () => {
  const event = { body: new TextEncoder().encode("{") };
  const strict = await answerOf(async (request, response) => {
    await request.json();
    return response.send();
  }, event);
  expect(strict.status).toBe(400);
  const patient = await answerOf(
    (request, response) => request.json().catch(() => response.send("no JSON", 422)),
    event,
  );
  expect([patient.status, await patient.text()]).toEqual([422, "no JSON"]);
});

test.each([
  [
    "an object",
    (r: PubNubHttpResponse) => r.send({ a: 1 }, 201),
    201,
    "application/json",
    '{"a":1}',
  ],
  ["null", (r: PubNubHttpResponse) => r.send(null), 200, "application/json", "null"],
  ["a text", (r: PubNubHttpResponse) => r.send("hi"), 200, "text/plain; charset=utf-8", "hi"],
  ["nothing", (r: PubNubHttpResponse) => r.send(), 200, null, ""],
  ["a body that 204 has not", (r: PubNubHttpResponse) => r.send({ a: 1 }, 204), 204, null, ""],
] as const)("%s is sent", async (_, send, status, type, text) => {
  const response = await answerOf((_request, response) => send(response));
  expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
    status,
    type,
    text,
  ]);
});

test("status and headers can be set before", async () => {
  const response = await answerOf((_request, response) => {
    response.status = 418;
    response.headers["Access-Control-Allow-Origin"] = "*";
    response.headers["X-Count"] = 7;
    response.headers["X-None"] = undefined;
    response.headers["Content-Type"] = "text/html";
    return response.send("<p>tea</p>");
  });
  expect(response.status).toBe(418);
  expect(Object.fromEntries(response.headers)).toEqual({
    "access-control-allow-origin": "*",
    "content-type": "text/html",
    "x-count": "7",
  });
});

test("what is sent last counts, and send gives the response", async () => {
  const response = await answerOf(async (_request, response) => {
    expect(await response.send("one", 500)).toMatchObject({ body: "one", status: 500 });
    return response.send("two", 200);
  });
  expect([response.status, await response.text()]).toEqual([200, "two"]);
});

test.each([
  ["sends nothing", () => undefined, "return response.send(body, status)"],
  ["sends a status that is none", (_, response) => response.send("x", 99), "200 to 599"],
  ["sends what is no JSON", (_, response) => response.send({ n: 1n }), "must be JSON"],
] as readonly (readonly [string, Handler, string])[])(
  "a handler that %s failed",
  async (_, handler, text) => {
    await expect(answerOf(handler)).rejects.toMatchObject({
      failure: "bad_result",
      message: expect.stringContaining(text),
    });
  },
);
