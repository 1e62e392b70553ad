import { expect, test } from "vitest";
import { createTestApp, streamOf, type TestApp } from "./create-test-app.fixture.ts";

const MANAGER = { subscribe: ["production.connection.*"], manage: ["production.connection.*"] };
const POST_ROOM = "production.connection.post-room";

const made = {
  id: "post-room",
  connector: "quill",
  settings: { street: "Inkwell Lane" },
  secrets: { seal: "rose-and-crown" },
};

async function withConnection(
  changes: Parameters<typeof createTestApp>[0] = {},
): Promise<TestApp & { readonly token: string }> {
  const app = await createTestApp(changes);
  const token = await app.issue(MANAGER);
  const answer = await app.send("/v1/connections", { json: made, token });
  expect(answer.status).toBe(201);
  return { ...app, token };
}

async function call(
  { send }: TestApp,
  body: string | ReadableStream<Uint8Array>,
  id = "post-room",
): Promise<Response> {
  return await send(`/v1/webhooks/${id}`, { body, token: null });
}

async function stored({ log }: TestApp): Promise<string[]> {
  const { entries } = await log.read({ pattern: POST_ROOM, limit: 100, order: "asc" });
  return entries.filter(({ kind }) => kind === "webhook").map(({ dataJson }) => dataJson);
}

test("what the network signed is stored as it came before it is answered", async () => {
  const app = await withConnection();
  const answer = await call(app, "rose-and-crown: 1 letter");
  expect(answer.status).toBe(200);
  const [webhook = ""] = await stored(app);
  expect(JSON.parse(webhook)).toMatchObject({
    method: "POST",
    url: "/v1/webhooks/post-room",
    body: { text: "rose-and-crown: 1 letter" },
  });
});

test("what nobody signed is refused without a word about why, and nothing of it is kept", async () => {
  const app = await withConnection();
  const answer = await call(app, "a forged seal");
  expect(answer.status).toBe(401);
  expect(await answer.text()).not.toContain("seal");
  expect(await stored(app)).toEqual([]);
});

test("a connection that is not there tells nothing more, whatever its name", async () => {
  const app = await withConnection();
  expect((await call(app, "rose-and-crown", "nobody")).status).toBe(404);
  expect((await call(app, "rose-and-crown", "x".repeat(500))).status).toBe(404);
  expect((await call(app, "rose-and-crown", "%2e%2e%00")).status).toBe(404);
});

test("a body beyond the bound is refused while it comes, also one that does not say how long it is", async () => {
  const app = await withConnection();
  expect((await call(app, `rose-and-crown${"x".repeat(9000)}`)).status).toBe(413);
  let chunks = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      chunks += 1;
      controller.enqueue(new Uint8Array(1024));
    },
  });
  expect((await call(app, endless)).status).toBe(413);
  expect(chunks).toBeLessThan(20);
  expect(await stored(app)).toEqual([]);
});

/**
 * Symptom: strangers began bodies of 25 MB, a hundred at a time, and never ended them: each was within its bound, and the server
 * died for want of memory.
 */
test("large bodies are held no more than a few at a time, and small ones pass meanwhile", async () => {
  const app = await withConnection();
  const ends = new Set<() => void>();
  const begun = (bytes: number): Promise<Response> => {
    let end = (): void => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(bytes));
        end = () => controller.close();
        ends.add(end);
      },
      cancel: () => void ends.delete(end),
    });
    return call(app, body);
  };
  const held = Array.from({ length: 20 }, () => begun(8_000));
  const refused = await Promise.race(held);
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect((await call(app, "rose-and-crown")).status).toBe(200);
  for (const end of ends) end();
  const statuses = await Promise.all(held.map(async (one) => (await one).status));
  expect(statuses.filter((status) => status === 401)).toHaveLength(8);
  expect(statuses.filter((status) => status === 503)).toHaveLength(12);
  expect((await call(app, `rose-and-crown${"x".repeat(7_000)}`)).status).toBe(200);
});

test("bytes that are no text are stored as they are", async () => {
  const app = await withConnection();
  const seal = new TextEncoder().encode("rose-and-crown");
  const answer = await call(app, streamOf(seal, new Uint8Array([0xff, 0xfe, 0x00])));
  expect(answer.status).toBe(200);
  const [webhook = ""] = await stored(app);
  const { base64 } = JSON.parse(webhook).body as { base64: string };
  expect([...Buffer.from(base64, "base64")].slice(-3)).toEqual([0xff, 0xfe, 0x00]);
});

test("while nothing can be stored the network is told to come again", async () => {
  const app = await withConnection();
  await call(app, "rose-and-crown: before");
  await app.log.close();
  expect((await call(app, "rose-and-crown: after")).status).toBe(503);
});

test("the URL that signatures are made over is the public one", async () => {
  const urls: string[] = [];
  const inbound = {
    maxBodyBytes: 100,
    receive: async (_: string, { url }: { url: string }) => {
      urls.push(url);
      return { status: 204 };
    },
  };
  const http = { corsOrigins: [], maxBodyBytes: 8192 };
  const headers = {
    "x-forwarded-proto": "http, https",
    "x-forwarded-host": "evil.example, chat.example.com",
  };
  const path = "/v1/webhooks/a?b=%20c";
  const ask = async (more: { trustProxy: boolean; publicUrl?: string }): Promise<number> => {
    const { send } = await createTestApp({ inbound, http: { ...http, ...more } });
    return (await send(path, { headers, body: "x", token: null })).status;
  };
  expect(await ask({ trustProxy: false })).toBe(204);
  expect(await ask({ trustProxy: true })).toBe(204);
  expect(await ask({ trustProxy: true, publicUrl: "https://example.org/chat/" })).toBe(204);
  expect(urls).toEqual([
    `http://localhost${path}`,
    `https://chat.example.com${path}`,
    `https://example.org/chat${path}`,
  ]);
});

test("a wide pattern does not mean connections, and no answer has a secret", async () => {
  const { send, issue, token } = await withConnection();
  const wide = await issue({ subscribe: ["production.>"], manage: ["production.>"] });
  for (const path of ["/v1/connections", "/v1/connections/post-room", "/v1/connectors"]) {
    expect((await send(path, { token: wide })).status, path).toBe(403);
    const answer = await send(path, { token });
    expect(answer.status, path).toBe(200);
    expect(await answer.text()).not.toContain("rose-and-crown");
  }
});

test("a connection is changed, tried, replayed on and removed by its paths", async () => {
  const app = await withConnection();
  const { send, issue } = app;
  const all = ["production.>", "production.connection.*"];
  const token = await issue({ subscribe: all, publish: all, manage: all });
  const path = "/v1/connections/post-room";
  const ask = async (method: string, more: string, json?: object): Promise<[number, unknown]> => {
    const answer = await send(path + more, { method, token, ...(json && { json }) });
    return [answer.status, await answer.json()];
  };
  expect(await ask("PATCH", "", { title: "Post room" })).toMatchObject([
    200,
    { title: "Post room" },
  ]);
  expect(await ask("POST", "/secrets", { secrets: { seal: "two-keys" } })).toMatchObject([
    200,
    { secrets: ["seal"] },
  ]);
  expect(await ask("GET", "/health")).toMatchObject([200, { state: "unknown" }]);
  expect(await ask("GET", "/problems")).toEqual([200, { problems: [] }]);
  expect((await ask("POST", "/problems/1/replay", {}))[0]).toBe(404);
  expect(await ask("POST", "/test", { to: "quill:ann" })).toMatchObject([
    201,
    { channel: expect.stringContaining("production.quill.") },
  ]);
  expect(await ask("DELETE", "")).toEqual([200, {}]);
  expect((await ask("GET", ""))[0]).toBe(404);
});
