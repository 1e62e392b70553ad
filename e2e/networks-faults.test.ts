import type { Fault } from "@anywire/connectors";
import { builtInConnectors } from "@anywire/connectors/built-in";
import type { DeliveryHistory, DeliveryStatus } from "@anywire/types";
import { expect, it, vi } from "vitest";
import { callWebhook, newSid, twilioWebhook } from "./support/bad-webhooks.ts";
import { startBystander } from "./support/bystander.ts";
import { connectNetwork, type NetworkUnderTest, PATIENCE } from "./support/network-under-test.ts";
import { startTestServer } from "./support/start-test-server.ts";

const CONNECTORS = builtInConnectors
  .filter(({ simulator }) => simulator !== undefined)
  .map(({ id }) => id);
const FAULTS: readonly Fault[] = [
  { kind: "accept_then_hang", times: 1 },
  { kind: "accept_then_close", times: 1 },
  { kind: "html", times: 1 },
  { kind: "server_error", times: 1 },
  { kind: "rate_limit", retryAfterMs: 300, times: 1 },
];
const NO_RATES = {
  limits: ["connection", "sender", "recipient"].map((scope) => ({ scope, rate: 0 })),
};
/** Of which nothing more is to be expected but a receipt. */
const SETTLED: readonly DeliveryStatus[] = ["sent", "delivered", "read", "unconfirmed", "failed"];
const ARRIVED: readonly DeliveryStatus[] = ["sent", "delivered", "read"];
const SLOWLY = { timeout: 60_000, interval: 100 };

/** Somebody of the network. Two ways to WhatsApp have one person each: they would have several names for the same one. */
function personOf({ connection, handset }: NetworkUnderTest): string {
  return connection === "test-twilio-whatsapp" ? "+447700900199" : handset.identity.example;
}

/** The channel of a conversation that the person has begun: some networks let nobody else begin. */
async function begin(network: NetworkUnderTest): Promise<string> {
  const { handset, entries, connection } = network;
  await handset.write(personOf(network), { text: "Hello", subject: "Faults" });
  return await vi.waitFor(async () => {
    const all = await entries(`production.connection.${connection}`);
    const routed = all.filter(({ kind }) => kind === "inbound").map(({ data }) => data);
    expect(routed).toHaveLength(1);
    return (routed as { channel: string }[])[0]?.channel ?? "";
  }, SLOWLY);
}

async function settled(network: NetworkUnderTest, channel: string, message: string) {
  return await vi.waitFor(async () => {
    const path = `/v1/deliveries?channel=${channel}&message=${message}`;
    const { body } = await network.call("GET", path);
    expect(SETTLED, JSON.stringify(body)).toContain(body.deliveries[0]?.status);
    const { id } = body.deliveries[0];
    return (await network.call("GET", `/v1/deliveries/${id}`)).body as DeliveryHistory;
  }, SLOWLY);
}

/** How often a person has a text on the screen. */
function timesShown(network: NetworkUnderTest, text: string): number {
  const person = personOf(network);
  return network.handset
    .messages(person)
    .filter((one) => one.direction === "in" && one.text.includes(text)).length;
}

/** Says something while a network misbehaves, and something after it. */
async function suffer(network: NetworkUnderTest, channel: string, fault: Fault): Promise<string> {
  const { connection, simulator } = network;
  const name = `${connection}, ${fault.kind}`;
  simulator.inject(fault);
  const text = `struck by ${fault.kind}.`;
  const struck = await network.say(channel, text);
  const history = await settled(network, channel, struck);
  const { status, attempts } = history;
  expect(
    history.steps.slice(0, 2).map(({ step }) => step),
    name,
  ).toEqual(["queued", "sending"]);
  expect(history.steps.length, name).toBeGreaterThan(2);
  const shown = timesShown(network, text);
  expect(shown, name).toBeLessThanOrEqual(1);
  const isTaken = fault.kind === "accept_then_hang" || fault.kind === "accept_then_close";
  if (isTaken) expect(`${name}: ${shown} ${attempts} ${status}`).not.toMatch(/ failed$/);
  if (isTaken) expect(shown, `${name}: ${JSON.stringify(history.steps)}`).toBe(1);
  if (ARRIVED.includes(status)) expect(shown, name).toBe(1);
  if (status === "unconfirmed" && !isTaken) expect(shown, name).toBe(0);
  if (fault.kind === "rate_limit") expect(ARRIVED, name).toContain(status);
  if (status === "failed") expect(history.error?.reason, name).not.toBe("");
  // Whatever became of it, the next one of the channel arrives.
  const next = await network.say(channel, `after ${fault.kind}.`);
  const after = await settled(network, channel, next);
  expect(ARRIVED, `${name}: ${JSON.stringify(after.steps)}`).toContain(after.status);
  expect(timesShown(network, `after ${fault.kind}.`), name).toBe(1);
  return `${fault.kind} ${status}`;
}

it("networks that hang, answer HTML, close in the middle or take nothing: a defined outcome on record each, and nothing twice on the wire", async () => {
  // Nobody but the network that hangs takes so long, also where the machine is busy.
  const server = await startTestServer({ connectors: { sendTimeoutMs: 6_000 } });
  const bystander = await startBystander(server);
  const outcomes = CONNECTORS.map(async (id) => {
    const network = await connectNetwork(server, id, NO_RATES);
    const channel = await begin(network);
    // The first one loads what speaks to the network, which may take longer than a network may.
    await settled(network, channel, await network.say(channel, "warming up."));
    const told: string[] = [];
    for (const fault of FAULTS) told.push(await suffer(network, channel, fault));
    const texts = FAULTS.flatMap(({ kind }) => [`struck by ${kind}.`, `after ${kind}.`]);
    const shown = ["warming up.", ...texts].reduce(
      (sum, text) => sum + timesShown(network, text),
      0,
    );
    expect(network.simulator.accepted, id).toBe(shown);
    return `${id}: ${told.join(", ")}`;
  });
  console.log((await Promise.all(outcomes)).join("\n"));
  await bystander.assertUndisturbed();
}, 180_000);

it("what a network has taken without an answer holds its channel only until the receipt says what became of it", async () => {
  // The call outlasts the test.
  const server = await startTestServer({ connectors: { sendTimeoutMs: 120_000 } });
  const network = await connectNetwork(server, "twilio-sms", NO_RATES);
  const { simulator, connection } = network;
  const channel = await network.open("phone:+447700900123");
  await settled(network, channel, await network.say(channel, "warming up."));
  simulator.inject({ kind: "accept_then_hang", times: 1 });
  const taken = await network.say(channel, "taken.");
  const next = await network.say(channel, "next.");
  await network.delivery(channel, taken, "delivered");
  await network.delivery(channel, next, "delivered");
  expect(network.handset.messages("+447700900123").map(({ text }) => text)).toEqual([
    "warming up.",
    "taken.",
    "next.",
  ]);
  const { body: health } = await network.call("GET", `/v1/connections/${connection}/health`);
  expect(health).toMatchObject({ state: "ok" });
}, 60_000);

it("a network that tells twice, in the wrong order, under two names or of what nobody sent changes a delivery once", async () => {
  const server = await startTestServer();
  const network = await connectNetwork(server, "twilio-sms", NO_RATES);
  const { simulator } = network;
  const channel = await network.open("phone:+447700900123");
  simulator.inject({ kind: "duplicate_webhook", times: 10 });
  simulator.inject({ kind: "reorder_webhook", times: 10 });
  const messages: string[] = [];
  for (let i = 0; i < 10; i += 1) messages.push(await network.say(channel, `said ${i}`));
  for (const message of messages) {
    await vi.waitFor(async () => {
      const found = await settled(network, channel, message);
      // What was held back for another to overtake it comes once it is asked for.
      await simulator.idle();
      expect(found.status).toBe("delivered");
    }, PATIENCE);
  }
  const first = await network.delivery(channel, messages[0] ?? "", "delivered");
  const tell = (fields: Readonly<Record<string, string>>, query = "") =>
    callWebhook(twilioWebhook(server, network, { From: "+15005550006", ...fields }, { query }));
  const another = newSid();
  const query = `?delivery=${first.id}`;
  const told = [
    // The same delivery under a second name, and what it has behind it.
    await tell({ MessageSid: another, MessageStatus: "delivered" }, query),
    await tell({ MessageSid: another, MessageStatus: "sent" }, query),
    await tell({ MessageSid: first.externalIds[0] ?? "", MessageStatus: "queued" }, query),
    // Nobody's.
    await tell({ MessageSid: newSid(), MessageStatus: "delivered" }),
    await tell({ MessageSid: newSid(), MessageStatus: "delivered" }, "?delivery=nobody"),
    await tell({ MessageSid: newSid(), MessageStatus: "no such status" }, query),
  ];
  expect(told.map(([status]) => status)).toEqual(told.map(() => 200));
  await network.handset.write("+447700900123", { text: "last" });
  await vi.waitFor(async () => expect(await network.said(channel)).toHaveLength(11), PATIENCE);
  for (const message of messages) {
    const { status, steps, wasContradicted } = await settled(network, channel, message);
    expect(status).toBe("delivered");
    expect(wasContradicted).toBe(false);
    const names = steps.map(({ step }) => step);
    expect(names.filter((step) => step === "sending")).toHaveLength(1);
    const isFirst = message === messages[0];
    expect(names.filter((step) => step === "delivered").length).toBeLessThanOrEqual(
      isFirst ? 2 : 1,
    );
  }
  expect(simulator.accepted).toBe(10);
  const problems = await network.call("GET", `/v1/connections/${network.connection}/problems`);
  expect(problems.body).toEqual({ problems: [] });
}, 90_000);
