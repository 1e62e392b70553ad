import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { problemSchema } from "@anywire/types";
import { describe, expect, test } from "vitest";
import { createTestApp } from "./create-test-app.fixture.ts";

const LOBBY = "/v1/channels/production.group.lobby/messages";

describe("what no route takes", () => {
  test("an unknown path is 404 and points to the documentation", async () => {
    const { send } = await createTestApp();
    for (const path of [
      "/nowhere",
      "/v1",
      `${LOBBY}/`,
      "/v1/channels//messages",
      "/v1/channels/a/b/messages",
    ]) {
      const answer = await send(path);
      expect(answer.status, path).toBe(404);
      expect(problemSchema.parse(await answer.json())).toMatchObject({ code: "not_found" });
    }
  });

  test.each([
    ["PUT", LOBBY, "GET, HEAD, POST, OPTIONS"],
    ["DELETE", LOBBY, "GET, HEAD, POST, OPTIONS"],
    ["POST", "/health", "GET, HEAD, OPTIONS"],
    ["PUT", "/docs", "GET, HEAD, OPTIONS"],
    ["PATCH", "/", "GET, HEAD, OPTIONS"],
    ["BREW", "/v1/channels/a.b.c/entries", "GET, HEAD, OPTIONS"],
  ])("%s %s is 405 and says what is allowed", async (method, path, allow) => {
    const { send } = await createTestApp();
    const answer = await send(path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe(allow);
    expect(await answer.json()).toMatchObject({ code: "method_not_found" });
  });

  test("HEAD is answered as GET is, without a body", async () => {
    const { send } = await createTestApp();
    for (const path of ["/health", "/docs", "/v1/channels/production.group.lobby/entries"]) {
      const head = await send(path, { method: "HEAD" });
      const get = await send(path);
      expect(await head.text()).toBe("");
      expect([head.status, head.headers.get("content-type")]).toEqual([
        200,
        get.headers.get("content-type"),
      ]);
    }
    expect((await send("/nowhere", { method: "HEAD" })).status).toBe(404);
  });

  test("a route added afterwards has its errors and methods answered alike", async () => {
    const { app, send } = await createTestApp();
    app.put("/added/:name", () => {
      throw new Error("broken");
    });
    expect((await send("/added/x", { method: "PUT" })).status).toBe(500);
    expect((await send("/added/x")).headers.get("allow")).toBe("PUT, OPTIONS");
  });
});

describe("pages of other origins", () => {
  const corsOrigins = ["https://app.example.org", "http://localhost:*"];
  const http = { corsOrigins, maxBodyBytes: 8192, trustProxy: false };

  async function allowedOrigin(origin: string, allowed = corsOrigins): Promise<string | null> {
    const { send } = await createTestApp({ http: { ...http, corsOrigins: allowed } });
    const { headers } = await send("/health", { headers: { origin } });
    return headers.get("access-control-allow-origin");
  }

  test("read answers when their origin is listed, and only then", async () => {
    expect(await allowedOrigin("https://app.example.org")).toBe("https://app.example.org");
    expect(await allowedOrigin("http://localhost:5173")).toBe("http://localhost:5173");
    expect(await allowedOrigin("https://app.example.org.evil.com")).toBeNull();
    expect(await allowedOrigin("null")).toBeNull();
    expect(await allowedOrigin("https://app.example.org", [])).toBeNull();
  });

  test("never have credentials allowed, and every answer varies by origin", async () => {
    const { send } = await createTestApp({ http });
    const { headers } = await send("/health", { headers: { origin: "https://app.example.org" } });
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect(headers.get("vary")).toBe("origin");
    expect((await send("/health")).headers.get("vary")).toBe("origin");
  });

  test("may ask first whether they may send a message, and are told for how long that holds", async () => {
    const { send } = await createTestApp({ http });
    const answer = await send(LOBBY, {
      method: "OPTIONS",
      token: null,
      headers: {
        origin: "https://app.example.org",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": "https://app.example.org",
      "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
      "access-control-allow-headers": expect.stringContaining("authorization"),
      "access-control-max-age": "600",
    });
  });

  test("can read an error too", async () => {
    const { send } = await createTestApp({ http });
    const origin = "https://app.example.org";
    const answer = await send(LOBBY, { json: {}, token: null, headers: { origin } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
  });
});

test("every answer tells browsers to trust it with nothing", async () => {
  const { send } = await createTestApp();
  for (const path of ["/health", "/docs", "/", "/nowhere", LOBBY, "/openapi.json"]) {
    const { headers } = await send(path);
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("referrer-policy"), path).toBe("no-referrer");
    expect(headers.get("content-security-policy"), path).toContain("frame-ancestors 'none'");
    expect(headers.get("content-security-policy"), path).not.toMatch(/unsafe|https?:|\*/);
    expect(headers.get("x-powered-by"), path).toBeNull();
  }
});

test("a request has an id of our own making, the proxy's only when the proxy is trusted", async () => {
  const headers = { "x-request-id": "from-outside" };
  const own = await (await createTestApp()).send("/health", { headers });
  expect(own.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  const http = { corsOrigins: [], maxBodyBytes: 8192, trustProxy: true };
  const { send } = await createTestApp({ http });
  expect((await send("/health", { headers })).headers.get("x-request-id")).toBe("from-outside");
  const forged = await send("/health", { headers: { "x-request-id": "a b" } });
  expect(forged.headers.get("x-request-id")).not.toBe("a b");
});

test("each request is one line for the log, and its query, which may hold anything, is not in it", async () => {
  const { send, debugLines } = await createTestApp();
  const answer = await send("/health?token=secret");
  expect(debugLines).toEqual([
    {
      requestId: answer.headers.get("x-request-id"),
      from: undefined,
      method: "GET",
      path: "/health",
      status: 200,
      durationMs: expect.any(Number),
    },
  ]);
});

test("a trusted proxy's word on who asks is taken, of several hops the last; nobody else's is", async () => {
  const headers = { "x-forwarded-for": "203.0.113.9, 198.51.100.7" };
  const http = { corsOrigins: [], maxBodyBytes: 8192, trustProxy: true };
  const behindProxy = await createTestApp({ http });
  await behindProxy.send("/health", { headers });
  expect(behindProxy.debugLines).toMatchObject([{ from: "198.51.100.7" }]);
  const open = await createTestApp();
  await open.send("/health", { headers });
  expect(open.debugLines).toMatchObject([{ from: undefined }]);
});

test("what is asked with a token is never kept by a cache, what is public may be", async () => {
  const { send } = await createTestApp();
  const cacheControl = async (path: string): Promise<string | null> =>
    (await send(path)).headers.get("cache-control");
  expect(await cacheControl("/v1/channels/production.group.lobby/entries")).toBe("no-store");
  expect(await cacheControl("/nowhere")).toBe("no-store");
  expect(await cacheControl("/.well-known/jwks.json")).toBe("public, max-age=300");
});

test("not ready is a 503 that names what is missing and why", async () => {
  const { send } = await createTestApp({
    isReady: async () => ({ log: { ok: false, why: "the disk is full" }, presence: { ok: true } }),
  });
  const answer = await send("/ready");
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({
    code: "unavailable",
    detail: "not ready. log: the disk is full",
    ready: false,
    dependencies: { log: { ok: false }, presence: { ok: true } },
  });
});

test("requests are timed by route template, so that paths can't multiply the metrics", async () => {
  const { send } = await createTestApp();
  for (const id of ["a", "b"]) await send(`/v1/channels/production.group.${id}/presence`);
  await send("/nowhere/at/all");
  await send("/health", { method: "BREW" });
  const text = await (await send("/metrics")).text();
  const counts = text.match(/^anywire_http_request_duration_seconds_count.*$/gm);
  expect(counts?.sort()).toEqual([
    'anywire_http_request_duration_seconds_count{method="GET",route="/v1/channels/:channel/presence",status="200"} 2',
    'anywire_http_request_duration_seconds_count{method="GET",route="other",status="404"} 1',
    'anywire_http_request_duration_seconds_count{method="other",route="other",status="405"} 1',
  ]);
});

describe("the console's files", () => {
  const publicDirectory = mkdtempSync(join(tmpdir(), "anywire-public-"));
  mkdirSync(join(publicDirectory, "assets"));
  writeFileSync(join(publicDirectory, "index.html"), "<!doctype html><title>Console</title>");
  writeFileSync(join(publicDirectory, "favicon.svg"), "<svg/>");
  writeFileSync(join(publicDirectory, "assets", "index-B1xY_z9q.js"), "start()");

  test("are served with their types, the page at / asked for anew each time", async () => {
    const { send } = await createTestApp({ publicDirectory });
    const page = await send("/");
    expect(await page.text()).toContain("<title>Console</title>");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect((await send("/favicon.svg")).headers.get("content-type")).toBe("image/svg+xml");
  });

  test("whose names carry a hash are kept for good", async () => {
    const { send } = await createTestApp({ publicDirectory });
    const { headers } = await send("/assets/index-B1xY_z9q.js");
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  });

  test("are not sent again to who has them", async () => {
    const { send } = await createTestApp({ publicDirectory });
    const etag = (await send("/")).headers.get("etag") ?? "";
    const known = await send("/", { headers: { "if-none-match": `"other", W/${etag}` } });
    expect([known.status, await known.text(), known.headers.get("etag")]).toEqual([304, "", etag]);
    expect((await send("/", { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  test("are all that is served: no path leads out of the directory", async () => {
    const { send } = await createTestApp({ publicDirectory: join(publicDirectory, "assets") });
    for (const path of [
      "/..%2findex.html",
      "/%2e%2e/index.html",
      "/..%5cindex.html",
      "//index.html",
    ]) {
      expect((await send(path)).status, path).toBe(404);
    }
  });

  test("when they were never built, the page says how to build them", async () => {
    const { send } = await createTestApp();
    expect(await (await send("/")).text()).toContain("npm run build:console");
  });
});
