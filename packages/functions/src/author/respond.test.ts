import { expect, test } from "vitest";
import { FunctionFault } from "./function-fault.ts";
import { fromWebResponse, respond } from "./respond.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test.each([
  [undefined, 204, undefined, ""],
  ["é", 200, "text/plain; charset=utf-8", "é"],
  [{ a: 1 }, 200, "application/json", '{"a":1}'],
  [null, 200, "application/json", "null"],
  [[1], 200, "application/json", "[1]"],
  [new TextEncoder().encode("b"), 200, "application/octet-stream", "b"],
  [new TextEncoder().encode("b").buffer, 200, "application/octet-stream", "b"],
])("a body of %o is sent as what it is", (body, status, type, sent) => {
  const result = respond(body);
  expect(result.status).toBe(status);
  expect(new Map(result.headers).get("content-type")).toBe(type);
  expect(text(result.body)).toBe(sent);
});

test("headers may be given as an object, with several of a name, or as Headers", () => {
  const { headers } = respond("<p>", {
    status: 404,
    headers: { "Content-Type": "text/html", "set-cookie": ["a=1", "b=2"] },
  });
  expect(headers).toEqual([
    ["content-type", "text/html"],
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
  ]);
  expect(respond(undefined, { headers: new Headers({ "X-A": "1" }) }).headers).toEqual([
    ["x-a", "1"],
  ]);
});

test.each([
  [undefined, { status: 199 }, "200 to 599, not the number 199"],
  [undefined, { status: 600 }, "200 to 599"],
  [undefined, { status: 200.5 }, "200 to 599"],
  ["x", { status: 204 }, "an answer of status 204 has no body"],
  [undefined, { headers: { "a b": "1" } }, 'the string "a b" is no name of a header'],
  [undefined, { headers: { a: "1\r\nset-cookie: x" } }, "without line breaks"],
  [undefined, { headers: { a: "🕊" } }, "can't be sent"],
  [undefined, { headers: { a: 1 } }, "can't be sent"],
  [undefined, { headers: { "Content-Length": "1" } }, "for the server to say"],
  [undefined, { headers: "a: 1" }, "are an object"],
  [7n, {}, "the body of an answer must be JSON, not the bigint 7"],
  [() => {}, {}, "the body of an answer must be JSON, not a function"],
])("an answer that can't be sent is a fault where it is made: %o %o", (body, init, words) => {
  const make = () => respond(body, init as never);
  expect(make).toThrow(FunctionFault);
  expect(make).toThrow(words);
});

test("a Response that was read is a fault, and so is an error", async () => {
  const read = new Response("x");
  await read.text();
  await expect(fromWebResponse(read)).rejects.toThrow("read already");
  await expect(fromWebResponse(Response.error())).rejects.toThrow("200 to 599");
});

test("an answer that was fetched goes on without what belongs to its own connection", async () => {
  // Fetch decodes a body but leaves `content-encoding`: sent on, nobody could read it.
  const init = { headers: { "content-encoding": "gzip", "content-length": "20", "x-a": "1" } };
  const fetched = new Response("plain", init);
  Object.defineProperty(fetched, "url", { value: "https://example.org/" });
  const { headers, body } = await fromWebResponse(fetched);
  expect(new Set(headers.map(([name]) => name))).toEqual(new Set(["content-type", "x-a"]));
  expect(text(body)).toBe("plain");
  const own = await fromWebResponse(new Response("packed", init));
  expect(own.headers).toContainEqual(["content-encoding", "gzip"]);
});
