import { expect, test } from "vitest";
import { completeEvent } from "./complete-event.ts";
import type { FunctionOptions } from "./definition.ts";

const complete = (binding: string, event: object = {}, options: FunctionOptions = {}) =>
  completeEvent({ trigger: "onRequest", binding, options }, event);

test("a request is one for its function", () => {
  const { trace: _, ...event } = complete("POST /tickets/:id/files/*");
  expect(event).toEqual({
    method: "POST",
    path: "/tickets/1/files/",
    url: "http://localhost/functions/tickets/1/files/",
    params: { id: "1", "*": "" },
    headers: {},
    body: new Uint8Array(),
    accountId: "bob",
    clientAddress: "127.0.0.1",
    attempt: 1,
  });
});

test("a path may have a query, params may be given in its place, and so may the whole address", () => {
  expect(complete("* /tickets/:id", { path: "/tickets/a%20b?full=1" })).toMatchObject({
    path: "/tickets/a%20b",
    url: "http://localhost/functions/tickets/a%20b?full=1",
    params: { id: "a b" },
  });
  expect(complete("* /tickets/:id", { params: { id: "a/b" } })).toMatchObject({
    path: "/tickets/a%2Fb",
    params: { id: "a/b" },
  });
  const url = "https://example.org/functions/tickets/7?full=1";
  expect(complete("* /tickets/:id", { url })).toMatchObject({ url, path: "/tickets/7" });
});

test("a function of any method is asked with GET, and with POST when there is a body", () => {
  expect(complete("* /x").method).toBe("GET");
  expect(complete("* /x", { body: "a" }).method).toBe("POST");
  expect(complete("* /x", { body: "a", method: "put" }).method).toBe("PUT");
});

test("a body is sent as it is, and as JSON when it is neither text nor bytes", () => {
  const text = (event: object) => new TextDecoder().decode(complete("* /x", event).body);
  expect(text({ body: "é" })).toBe("é");
  expect(text({ body: new Uint8Array([65]) })).toBe("A");
  expect(text({ body: { a: 1 } })).toBe('{"a":1}');
  expect(complete("* /x", { body: [] }).headers).toEqual({ "content-type": "application/json" });
  const headers = { "Content-Type": "text/x", "X-A": "1" };
  expect(complete("* /x", { body: [], headers }).headers).toEqual({
    "content-type": "text/x",
    "x-a": "1",
  });
  expect(() => complete("* /x", { body: 7n })).toThrow("the body must be JSON");
});

test("nobody asks where the function wants no token", () => {
  expect(complete("* /x", {}, { auth: "none" }).accountId).toBeNull();
  expect(complete("* /x", { accountId: "ann" }, { auth: "none" }).accountId).toBe("ann");
  expect(complete("* /x", { accountId: null }).accountId).toBeNull();
});

test("a request that the function is not bound to is refused", () => {
  for (const event of [{ method: "GET" }, { path: "/ticket/7" }, { path: "/tickets/7/8" }]) {
    expect(() => complete("POST /tickets/:id", event)).toThrow(
      "the function is bound to POST /tickets/:id, and never runs for",
    );
  }
  expect(() => complete("* /x", { path: "x" })).toThrow("path: must begin with a slash");
});
