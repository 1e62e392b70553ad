import { afterEach, beforeEach, expect, test } from "vitest";
import type { WebhookRequest } from "../../contract/webhook.ts";
import {
  createMemoryBackend,
  eventually,
  type InboundBackend,
  InboundNode,
  onlyMessage,
} from "./inbound-node.fixture.ts";
import { byRaven, letter } from "./raven.fixture.ts";

const TOWER = "production.connection.tower";

let backend: InboundBackend;
let node: InboundNode;
/** How much later it is for the node than on the clock, ms. */
let laterMs: number;

beforeEach(async () => {
  backend = await createMemoryBackend();
  laterMs = 0;
  node = new InboundNode(backend, {
    settings: { maxBodyBytes: 10_000, inlineBytes: 1_000 },
    now: () => Date.now() + laterMs,
  });
  await node.start({ handles: false });
  await node.connect();
});

afterEach(async () => {
  await node.close();
  await backend.dispose();
});

async function stored(): Promise<Record<string, unknown>[]> {
  const entries = await node.entries(TOWER, "webhook");
  return entries.map(({ dataJson }) => JSON.parse(dataJson) as Record<string, unknown>);
}

async function refusal(request: WebhookRequest, connection = "tower"): Promise<unknown> {
  return await node.inbound.receive(connection, request).then(
    () => undefined,
    (error: unknown) => error,
  );
}

test("forged and stale requests are refused without a reason, and nothing of them is stored", async () => {
  const old = Date.now() - 3_600_000;
  for (const request of [byRaven([], { ring: "brass" }), byRaven([], { at: old })]) {
    const error = await refusal(request);
    expect(error).toMatchObject({ code: "unauthenticated" });
    expect(String(error)).not.toMatch(/ring|stale/);
  }
  expect(await stored()).toEqual([]);
  expect(node.events).toEqual(["forged failed", "forged failed"]);
});

test("whoever looks at a connection's health sees that only others call it, until the network does", async () => {
  for (let n = 1; n <= 3; n += 1) await refusal(byRaven([], { ring: "brass" }));
  expect(node.inbound.health("tower")).toMatchObject({
    state: "degraded",
    reason: expect.stringMatching(/last 3 requests.*no ring/),
  });
  expect(await node.call("connection.health", { id: "tower" })).toMatchObject({
    state: "degraded",
  });
  await node.inbound.receive("tower", byRaven([]));
  expect(node.inbound.health("tower")).toBeUndefined();
});

/** Symptom: one request of a stranger's, without a signature, and a connection that worked was shown as degraded. */
test("one or two forged requests say nothing of a connection, nor do those of long ago", async () => {
  const forge = () => refusal(byRaven([], { ring: "brass" }));
  await forge();
  await forge();
  expect(node.inbound.health("tower")).toBeUndefined();
  await node.inbound.receive("tower", byRaven([]));
  await forge();
  expect(node.inbound.health("tower")).toBeUndefined();
  laterMs = 3_600_000;
  await forge();
  await forge();
  expect(node.inbound.health("tower")).toBeUndefined();
  await forge();
  expect(node.inbound.health("tower")).toMatchObject({ state: "degraded" });
  laterMs *= 2;
  expect(node.inbound.health("tower")).toBeUndefined();
});

test("a connection that is not there is told nothing but that", async () => {
  expect(await refusal(byRaven([]), "dungeon")).toMatchObject({ code: "not_found" });
  expect(await refusal(byRaven([]), "../tower")).toMatchObject({ code: "not_found" });
});

/** Symptom: strangers who called were told of the server's configuration, with the status of a defect. */
test("whoever calls while a connection can't be used is told to come again, and not what is wrong with it", async () => {
  await node.stores.kv.set("connection-secrets/tower", "kept under another key");
  node.connections.forget("tower");
  const error = await refusal(byRaven([]));
  expect(error).toMatchObject({ code: "unavailable", cause: { code: "storage_damaged" } });
  expect(String(error)).not.toMatch(/secret|key|tower/);
});

test("a challenge is answered at once; one that makes the connector fail is a stranger's", async () => {
  const challenge = { ...byRaven([]), url: "https://example.org/v1/webhooks/tower?challenge=caw" };
  const answer = await node.inbound.receive("tower", { ...challenge, method: "GET", headers: {} });
  expect(answer).toEqual({ status: 200, body: "caw" });
  const croak = { ...challenge, url: challenge.url.replace("caw", "croak") };
  expect(await refusal(croak)).toMatchObject({ code: "unauthenticated" });
  expect(await stored()).toEqual([]);
});

test("a body or a URL beyond its bound is refused, and nothing of it is stored", async () => {
  expect(await refusal(byRaven("x".repeat(10_001)))).toMatchObject({ code: "too_large" });
  const long = { ...byRaven([]), url: `https://example.org/?${"x".repeat(9_000)}` };
  expect(await refusal(long)).toMatchObject({ code: "too_large" });
  expect(await stored()).toEqual([]);
});

test("what authenticates somebody is not stored, under whatever name it comes", async () => {
  const request = byRaven([letter("1")]);
  await node.inbound.receive("tower", {
    ...request,
    url: `${request.url}?key=gold&page=2`,
    headers: {
      ...request.headers,
      ...{ authorization: "Bearer x", cookie: "session=x", "x-raven-secret-token": "x" },
      "x-request-id": "7",
    },
  });
  const [webhook] = await stored();
  expect(webhook).toMatchObject({
    url: "/v1/webhooks/tower?key=***&page=2",
    headers: { "content-type": "application/json", "x-request-id": "7" },
  });
  expect(JSON.stringify(webhook)).not.toMatch(/gold|Bearer|session|secret-token/);
});

test("a large body is kept in the blob store, bytes that are no text as they are, and both are handled", async () => {
  await node.inbound.receive("tower", byRaven([letter("1", { text: "x".repeat(2_000) })]));
  const [webhook] = await stored();
  expect(webhook).toMatchObject({ body: { blob: expect.stringMatching(/^webhook-/) } });
  await node.inbound.receive("tower", byRaven(new Uint8Array([0xff, 0x00])));
  expect((await stored())[1]).toMatchObject({ body: { base64: "/wA=" } });
  await node.inbound.start();
  const message = await onlyMessage(node);
  expect(message.said.text).toHaveLength(2_000);
  // Not the encoding of this network: kept as it came, for somebody to look at.
  await eventually(async () => {
    const { problems } = await node.call<{ problems: object[] }>("connection.problems", {
      id: "tower",
    });
    expect(problems).toMatchObject([{ code: "bad_request" }]);
  });
});

test("a byte order mark comes back out as it went in", async () => {
  await node.inbound.receive("tower", byRaven(new Uint8Array([0xef, 0xbb, 0xbf, 0x5b, 0x5d])));
  expect((await stored())[0]).toMatchObject({ body: { text: "\uFEFF[]" } });
});

test("old secrets hold beside new ones until their time is over", async () => {
  const rotation = { id: "tower", secrets: { ring: "silver" }, overlapMs: 60_000 };
  await node.call("connection.rotate_secrets", rotation);
  await node.inbound.receive("tower", byRaven([], { ring: "gold" }));
  await node.inbound.receive("tower", byRaven([], { ring: "silver" }));
  await node.call("connection.rotate_secrets", {
    ...rotation,
    secrets: { ring: "tin" },
    overlapMs: 0,
  });
  expect(await refusal(byRaven([], { ring: "gold" }))).toMatchObject({ code: "unauthenticated" });
  expect(await refusal(byRaven([], { ring: "silver" }))).toMatchObject({ code: "unauthenticated" });
  await node.inbound.receive("tower", byRaven([], { ring: "tin" }));
});

test("a connection that is not enabled takes in what people write", async () => {
  await node.call("connection.update", { id: "tower", isEnabled: false });
  expect(await node.inbound.receive("tower", byRaven([letter("1")]))).toEqual({ status: 200 });
  await node.inbound.start();
  expect((await onlyMessage(node)).said.text).toBe("letter 1");
});
