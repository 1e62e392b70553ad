import { AnywireError } from "@anywire/types";
import { expect, test } from "vitest";
import { createTestApp } from "../create-test-app.fixture.ts";
import { createRecordedFunctions } from "./served-functions.fixture.ts";

/** An answer of a function. */
function response(status: number, headers: readonly (readonly [string, string])[], text: string) {
  const body = new TextEncoder().encode(text);
  return { type: "response", status, headers, body } as const;
}

test("a function gets the request as it was, without a token, by any method", async () => {
  const functions = createRecordedFunctions();
  const { send } = await createTestApp({ functions });
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    const headers = { "X-Signature": "abc" };
    const sent = { method, token: null, headers, body: "ping" };
    const answer = await send("/functions/echo?a=1&a=2", sent);
    expect([answer.status, await answer.text()]).toEqual([200, "ping"]);
    const request = functions.requests.at(-1);
    expect(request).toMatchObject({
      method,
      path: "/echo",
      url: "http://localhost/functions/echo?a=1&a=2",
      headers: { "x-signature": "abc" },
    });
    await expect(request?.authenticate()).rejects.toMatchObject({ code: "unauthenticated" });
  }
});

test("a function that asks who it is gets the account and platform of the token", async () => {
  const functions = createRecordedFunctions();
  const { send } = await createTestApp({ functions });
  await send("/functions/echo");
  expect(await functions.requests[0]?.authenticate()).toMatchObject({
    accountId: "bob",
    platform: "production",
  });
});

test("a path that no function is bound to is 404, the root among them", async () => {
  const functions = createRecordedFunctions();
  const { send } = await createTestApp({ functions });
  for (const path of ["/functions/nothing", "/functions/", "/functions"]) {
    const answer = await send(path);
    expect([answer.status, (await answer.json()).code]).toEqual([404, "not_found"]);
  }
  expect(functions.requests.map(({ path }) => path)).toEqual(["/nothing", "/", "/"]);
});

test("a body beyond the limit is refused when the function wants it", async () => {
  const { send } = await createTestApp();
  const answer = await send("/functions/echo", { body: "x".repeat(9000) });
  expect(answer.status).toBe(413);
});

test("the answer is the function's, save what only the connection decides", async () => {
  const request = async () =>
    response(
      202,
      [
        ["content-type", "text/html"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["transfer-encoding", "chunked"],
        ["content-length", "99"],
      ],
      "<p>",
    );
  const { send } = await createTestApp({
    functions: createRecordedFunctions({ host: { request } }),
  });
  const answer = await send("/functions/page");
  expect([answer.status, await answer.text()]).toEqual([202, "<p>"]);
  expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(answer.headers.get("content-type")).toBe("text/html");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  for (const name of ["transfer-encoding", "content-length"]) {
    expect(answer.headers.get(name)).toBeNull();
  }
  const head = await send("/functions/page", { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([202, ""]);
});

test("an answer of a status that has no body gets none", async () => {
  const request = async () => response(204, [], "ignored");
  const { send } = await createTestApp({
    functions: createRecordedFunctions({ host: { request } }),
  });
  const answer = await send("/functions/x", { method: "DELETE" });
  expect([answer.status, await answer.text()]).toEqual([204, ""]);
});

test("a browser's question before a request of another origin is the server's to answer", async () => {
  const functions = createRecordedFunctions();
  const http = { corsOrigins: ["https://app.example"], maxBodyBytes: 8192, trustProxy: false };
  const { send } = await createTestApp({ functions, http });
  const origin = "https://app.example";
  const asked = { origin, "access-control-request-method": "PUT" };
  const preflight = await send("/functions/echo", { method: "OPTIONS", headers: asked });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-methods")).toContain("PUT");
  expect(preflight.headers.get("access-control-allow-origin")).toBe(origin);
  expect(functions.requests).toEqual([]);
  await send("/functions/echo", { method: "OPTIONS", token: null });
  expect(functions.requests).toHaveLength(1);
});

test("a function that failed is a problem like any other, and no failure of the server in its log", async () => {
  const request = async (): Promise<never> => {
    throw new AnywireError("function_failed", "the function page failed: it threw");
  };
  const functions = createRecordedFunctions({ host: { request } });
  const { send, errorLines } = await createTestApp({ functions });
  const answer = await send("/functions/page");
  expect([answer.status, (await answer.json()).code]).toEqual([500, "function_failed"]);
  expect(errorLines).toEqual([]);
});
