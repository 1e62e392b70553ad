import { expect, test } from "vitest";
import { FunctionFault, onRequest, runFunction } from "../index.ts";
import { defineFunction } from "./define-function.ts";

const reply = (returned: unknown) => defineFunction("onRequest", "/x", () => returned);

test("a request has its params, query, headers and body", async () => {
  const echo = onRequest("POST /tickets/:id", async (event) =>
    event.respond({
      id: event.params.id,
      full: event.query.get("full"),
      header: event.headers["x-from"],
      text: await event.text(),
      json: await event.json(),
      bytes: (await event.bytes()).length,
    }),
  );
  const { response } = await runFunction(echo, {
    path: "/tickets/7?full=1",
    headers: { "X-From": "me" },
    body: { a: "é" },
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    id: "7",
    full: "1",
    header: "me",
    text: '{"a":"é"}',
    json: { a: "é" },
    bytes: 10,
  });
});

test("a body that is no JSON is answered with 400, unless the handler sees to it", async () => {
  const strict = onRequest("/x", async (event) => event.respond(await event.json()));
  const { response } = await runFunction(strict, { body: "{" });
  expect(response.status).toBe(400);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({ code: "bad_request", status: 400 });
  const lenient = onRequest("/x", async (event) =>
    event.respond(await event.json().catch(() => "not JSON")),
  );
  expect(await (await runFunction(lenient, { body: "{" })).response.text()).toBe("not JSON");
});

test("a handler may return a Response of the platform", async () => {
  const handler = onRequest("/x", () =>
    Response.json({ a: 1 }, { status: 201, headers: { "set-cookie": "a=1", "x-b": "2" } }),
  );
  const { result } = await runFunction(handler);
  expect(result.status).toBe(201);
  expect(Object.fromEntries(result.headers)).toEqual({
    "content-type": "application/json",
    "set-cookie": "a=1",
    "x-b": "2",
  });
  expect(new TextDecoder().decode(result.body)).toBe('{"a":1}');
});

test.each([undefined, null, "hello", { type: "ok" }, { status: 200 }, 404])(
  "a request that is not answered is a fault which shows what was returned: %o",
  async (returned) => {
    const run = runFunction(reply(returned));
    await expect(run).rejects.toThrow(/^the function returned .+; return event\.respond/);
    await expect(run).rejects.toBeInstanceOf(FunctionFault);
  },
);

test.each([
  [{ type: "response", status: 200, headers: [], body: "text" }, "is bytes"],
  [{ type: "response", status: "200", headers: [], body: new Uint8Array() }, "200 to 599"],
  [{ type: "response", status: 200, headers: {}, body: new Uint8Array() }, "are a list"],
  [{ type: "response", status: 200, headers: [7], body: new Uint8Array() }, "no name of a header"],
  [{ type: "response", status: 200, headers: [["a"]], body: new Uint8Array() }, "can't be sent"],
])("an answer that was made by hand is looked at, too: %o", async (returned, words) => {
  await expect(runFunction(reply(returned))).rejects.toThrow(words);
});

test("an answer leaves the function with nothing but what is sent", async () => {
  const body = Buffer.from("small");
  expect(body.buffer.byteLength).toBeGreaterThan(body.byteLength);
  const made = { type: "response", status: 200, headers: [["a", "1", "2"]], body, more: () => {} };
  const { result } = await runFunction(reply(made));
  expect(structuredClone(result)).toEqual({
    type: "response",
    status: 200,
    headers: [["a", "1"]],
    body: new TextEncoder().encode("small"),
  });
  expect(result.body.buffer.byteLength).toBe(5);
});
