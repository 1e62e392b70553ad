import type { Entry } from "@anywire/types";
import { expect, it, vi } from "vitest";
import {
  callWebhook,
  pourWebhook,
  type RawWebhook,
  slackMessage,
  slackWebhook,
  twilioWebhook,
} from "./support/bad-webhooks.ts";
import { type Bystander, startBystander } from "./support/bystander.ts";
import { connectNetwork, type NetworkUnderTest, PATIENCE } from "./support/network-under-test.ts";
import { residentMb } from "./support/resident-memory.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const MIB = 1024 * 1024;
const ANN = "+447700900123";

interface Town {
  readonly server: TestServer;
  readonly sms: NetworkUnderTest;
  readonly slack: NetworkUnderTest;
  /** On another connection, which nobody wrongs. */
  readonly other: NetworkUnderTest;
  readonly bystander: Bystander;
}

async function startTown(): Promise<Town> {
  const server = await startTestServer();
  const [sms, slack, other] = await Promise.all([
    connectNetwork(server, "twilio-sms"),
    connectNetwork(server, "slack"),
    connectNetwork(server, "pigeon"),
  ]);
  return { server, sms, slack, other, bystander: await startBystander(server) };
}

/** Asserts that whoever did no wrong is heard, once, as before. */
async function assertOthersGoOn({ other, bystander }: Town, count: number): Promise<void> {
  await bystander.assertUndisturbed();
  await other.handset.write("loft-7", { text: `coo ${count}` });
  await vi.waitFor(async () => expect(await textsIn(other)).toHaveLength(count), PATIENCE);
}

/** What persons said over a network, whatever the channel. */
async function textsIn({ call, channelType, entries }: NetworkUnderTest): Promise<string[]> {
  const { body } = await call("GET", `/v1/channels?type=${channelType}&limit=1000`);
  const all = await Promise.all(
    (body.channels as { channel: string }[]).map(({ channel }) => entries(channel)),
  );
  return all
    .flat()
    .filter(({ kind, sender }) => kind === "message" && sender.startsWith("contact:"))
    .map(({ data }) => (data as { text: string }).text);
}

/** What is kept of what came in. */
async function stored(network: NetworkUnderTest, kind: string): Promise<readonly Entry[]> {
  const all = await network.entries(`production.connection.${network.connection}`);
  return all.filter((entry) => entry.kind === kind);
}

it("what is forged, stale or for nobody is refused without a word about why, and nothing is kept of it", async () => {
  const town = await startTown();
  const { server, sms, slack } = town;
  const fields = { From: ANN, Body: "Your account is locked" };
  const event = slackMessage("U0ANN00001", "Your account is locked", "1700000000.000001");
  const genuine = twilioWebhook(server, sms, fields);
  const { "x-twilio-signature": _, ...unsigned } = genuine.headers;
  const forged: readonly RawWebhook[] = [
    twilioWebhook(server, sms, fields, { token: "another" }),
    twilioWebhook(server, sms, fields, { token: " " }),
    { ...genuine, headers: unsigned },
    { ...genuine, headers: { ...genuine.headers, "x-twilio-signature": "" } },
    { ...genuine, headers: { ...genuine.headers, "x-twilio-signature": "é".repeat(1000) } },
    { ...genuine, body: `${genuine.body}&Body=more` },
    { ...genuine, url: `${genuine.url}?delivery=x` },
    slackWebhook(server, slack, event, { secret: "another" }),
    slackWebhook(server, slack, event, { at: Date.now() - 360_000 }),
    slackWebhook(server, slack, event, { at: Date.now() + 360_000 }),
    // Signed for one connection, brought to another.
    { ...slackWebhook(server, slack, event), url: genuine.url },
  ];
  for (const [i, one] of forged.entries()) {
    const [status, body] = await callWebhook(one);
    expect(`${i}: ${status}`).toBe(`${i}: 401`);
    expect(body).not.toMatch(/signature|secret|token|stale|old/i);
  }
  for (const id of ["nobody", "%2e%2e", "x".repeat(500), "test-twilio-sms%00", "a.b.c"]) {
    const [status] = await callWebhook({ ...genuine, url: `${server.url}/v1/webhooks/${id}` });
    expect(`${id}: ${status}`).toBe(`${id}: 404`);
  }
  expect(await stored(sms, "webhook")).toEqual([]);
  expect(await stored(slack, "webhook")).toEqual([]);
  const health = await sms.call("GET", `/v1/connections/${sms.connection}/health`);
  expect(health.body.reason).toMatch(/did not come from the network/);
  expect(await callWebhook(genuine)).toMatchObject([200, expect.anything()]);
  await vi.waitFor(async () => expect(await textsIn(sms)).toEqual([fields.Body]), PATIENCE);
  await assertOthersGoOn(town, 1);
}, 60_000);

it("a webhook that is played back byte for byte is answered, and changes nothing", async () => {
  const town = await startTown();
  const { server, sms, slack } = town;
  const twice = [
    twilioWebhook(server, sms, { From: ANN, Body: "once" }),
    slackWebhook(server, slack, slackMessage("U0ANN00001", "once", "1700000000.000001")),
  ];
  for (const one of twice) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => callWebhook(one)));
    expect(answers.map(([status]) => status)).toEqual(Array(8).fill(200));
  }
  for (const network of [sms, slack]) {
    await vi.waitFor(async () => expect(await textsIn(network)).toEqual(["once"]), PATIENCE);
  }
  await callWebhook(twilioWebhook(server, sms, { From: ANN, Body: "last" }));
  await vi.waitFor(async () => expect(await textsIn(sms)).toEqual(["once", "last"]), PATIENCE);
  await assertOthersGoOn(town, 1);
}, 60_000);

it("bodies of 50 MB are refused while they come: memory stays bounded, and the connection takes the next webhook", async () => {
  const town = await startTown();
  const { server, sms } = town;
  const { url, headers } = twilioWebhook(server, sms, { From: ANN, Body: "x" });
  const before = await residentMb(process.pid);
  let most = before;
  for (let round = 0; round < 4; round += 1) {
    const pouring = [true, false, true, false].map((saysLength) =>
      pourWebhook({ url, headers }, 50 * MIB, saysLength),
    );
    for (const { status, poured } of await Promise.all(pouring)) {
      expect(status).toBe(413);
      expect(poured).toBeLessThanOrEqual(50 * MIB);
    }
    most = Math.max(most, await residentMb(process.pid));
  }
  // 800 MB were offered; the largest body that is taken has 25.
  expect(most - before).toBeLessThan(400);
  expect(await stored(sms, "webhook")).toEqual([]);
  await callWebhook(twilioWebhook(server, sms, { From: ANN, Body: "after" }));
  await vi.waitFor(async () => expect(await textsIn(sms)).toEqual(["after"]), PATIENCE);
  await assertOthersGoOn(town, 1);
}, 60_000);

const NOT_UTF8 = Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);

it("what is signed but makes no sense is kept as a problem of its connection, and holds nothing up", async () => {
  const town = await startTown();
  const { server, sms, slack } = town;
  const senseless: readonly RawWebhook[] = [
    slackWebhook(server, slack, '{"type": "event_callback", "event": {'),
    slackWebhook(server, slack, "[".repeat(200_000) + "]".repeat(200_000)),
    slackWebhook(server, slack, `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`),
    slackWebhook(server, slack, NOT_UTF8),
    slackWebhook(server, slack, ""),
    slackWebhook(server, slack, "null"),
    slackWebhook(server, slack, '{"type":"event_callback","event":{"type":"message","ts":{}}}'),
  ];
  for (const [i, one] of senseless.entries()) {
    expect(`${i}: ${(await callWebhook(one))[0]}`).toBe(`${i}: 200`);
  }
  const path = `/v1/connections/${slack.connection}/problems`;
  await vi.waitFor(async () => {
    const { body } = await slack.call("GET", path);
    expect(body.problems).toHaveLength(senseless.length);
  }, PATIENCE);
  const { body } = await slack.call("GET", path);
  for (const { reason } of body.problems) expect(reason).toMatch(/^Slack can make nothing of it/);
  await callWebhook(slackWebhook(server, slack, slackMessage("U0ANN00001", "hi", "1700000000.1")));
  await vi.waitFor(async () => expect(await textsIn(slack)).toEqual(["hi"]), PATIENCE);
  expect((await callWebhook(twilioWebhook(server, sms, { From: "" })))[0]).toBe(200);
  const odd = twilioWebhook(server, sms, { From: ANN, Body: "x" });
  const asJson = { ...odd.headers, "content-type": "application/json" };
  expect((await callWebhook({ ...odd, headers: asJson }))[0]).toBe(401);
  await assertOthersGoOn(town, 1);
}, 60_000);

const NO_NUMBERS = [
  ...["banana", "+", "+0", "+999999999999999999999", "00", "-1", "1e9", "NaN", "anonymous"],
  ...["<script>alert(1)</script>", "'; DROP TABLE contacts; --", "\u0000", "\u202e321", "💣"],
  ...["account:bob", "contact:1", "phone:+447700900123", "../../etc/passwd", "x".repeat(5_000)],
];

it("whatever stands where a number should be, the message is told, once, and under nobody else's name", async () => {
  const town = await startTown();
  const { server, sms } = town;
  for (const [i, From] of NO_NUMBERS.entries()) {
    const [status] = await callWebhook(twilioWebhook(server, sms, { From, Body: `odd ${i}` }));
    expect(`${From.slice(0, 30)}: ${status}`).toBe(`${From.slice(0, 30)}: 200`);
  }
  const To = "x".repeat(5_000);
  await callWebhook(twilioWebhook(server, sms, { From: ANN, To, Body: "odd to" }));
  const expected = [...NO_NUMBERS.map((_, i) => `odd ${i}`), "odd to"].toSorted();
  await vi.waitFor(async () => expect((await textsIn(sms)).toSorted()).toEqual(expected), PATIENCE);
  const problems = await sms.call("GET", `/v1/connections/${sms.connection}/problems`);
  expect(problems.body).toEqual({ problems: [] });
  const { body: ann } = await sms.call("GET", `/v1/contacts?address=phone:%2B447700900123`);
  const channels = await sms.call(
    "GET",
    `/v1/channels?type=sms&participant=contact:${ann.contacts[0].id}`,
  );
  expect(await sms.said(channels.body.channels[0].channel)).toEqual([
    expect.stringMatching(/: odd to$/),
  ]);
  await assertOthersGoOn(town, 1);
}, 60_000);

it("what can't be written to is refused at once, or fails with the network's reason in its history", async () => {
  const town = await startTown();
  const { sms } = town;
  for (const address of ["phone:banana", "phone:+", "phone:", "phone:+0", "fax:+447700900123"]) {
    const request = { type: "sms", participants: [address] };
    const { status, body } = await sms.call("POST", "/v1/channels", request);
    if (status === 400) continue;
    // An address of another kind is one, but none that an SMS reaches.
    const message = await sms.say(body.channel, "hello");
    const { error } = await sms.delivery(body.channel, message, "failed");
    expect(error?.class, address).toBe("no_address");
  }
  const channel = await sms.open("phone:+15005550001");
  const message = await sms.say(channel, "hello");
  const { id } = await sms.delivery(channel, message, "failed");
  const { body } = await sms.call("GET", `/v1/deliveries/${id}`);
  expect(body).toMatchObject({ error: { class: "invalid_recipient", code: "21211" } });
  expect(body.steps.map(({ step }: { step: string }) => step)).toEqual([
    ...["queued", "sending", "failed"],
  ]);
  expect(sms.simulator.accepted).toBe(0);
  await assertOthersGoOn(town, 1);
}, 60_000);
