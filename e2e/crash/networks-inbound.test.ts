import { rebuildSqliteState } from "@anywire/engines/sqlite";
import type { DeliveryHistory, Entry } from "@anywire/types";
import { expect, it, vi } from "vitest";
import { connectNetwork, type NetworkUnderTest } from "../support/network-under-test.ts";
import {
  type AnsweredRequest,
  type PatientGateway,
  startPatientGateway,
} from "../support/patient-gateway.ts";
import { startCluster, withCluster } from "./cluster.ts";
import { EVENTUALLY, report } from "./cluster-load.ts";
import { type CrashingServer, startCrashingServer } from "./crashing-server.ts";
import { outcomeOf, sayOverNetwork } from "./network-sends.ts";
import { randomSeed } from "./random-seed.ts";

const FROM_INSIDE = 80;
const PERSONS = Array.from({ length: 16 }, (_, i) => `+4477009001${10 + i}`);
/** To these something was said first; the others begin. */
const KNOWN = PERSONS.slice(0, 8).map((number) => `phone:${number}`);
const KILLS = 8;
/** What is written around one kill. */
const IN_A_ROUND = 125;
const FROM_OUTSIDE = KILLS * IN_A_ROUND;
const KEY = { ANYWIRE_CONNECTORS_ENCRYPTION_KEY: "the same on every node of the cluster" };
const NO_RATES = {
  limits: ["connection", "sender", "recipient"].map((scope) => ({ scope, rate: 0 })),
};

/** Webhooks that were answered 2xx, in their order. */
function listenToWebhooks(gateway: PatientGateway): AnsweredRequest[] {
  const taken: AnsweredRequest[] = [];
  gateway.onAnswer((answered) => {
    if (answered.path.startsWith("/v1/webhooks/") && answered.status < 300) taken.push(answered);
  });
  return taken;
}

/** Kills while the server has a request, or when it has just answered one, by turns: so many webhooks are answered then. */
async function killAt(
  { onAsk, onAnswer }: PatientGateway,
  webhooks: readonly AnsweredRequest[],
  moment: number,
  isWithin: boolean,
  kill: () => Promise<void>,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let isStruck = false;
    const strike = (): void => {
      if (isStruck || webhooks.length < moment) return;
      isStruck = true;
      kill().then(resolve, reject);
    };
    if (isWithin) onAsk(() => setImmediate(strike));
    else onAnswer(strike);
  });
}

/** Has everybody write in turns, each with words that are nobody else's. */
async function writeFromOutside({ handset }: NetworkUnderTest, from: number, count: number) {
  for (let i = from; i < from + count; i += 1) {
    const person = PERSONS[i % PERSONS.length] ?? "";
    await handset.write(person, { text: `${person} writes ${i}` });
  }
}

/** All entries of a channel. */
async function allEntries({ call }: NetworkUnderTest, channel: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let after: string | undefined = "0"; after !== undefined; ) {
    const path = `/v1/channels/${channel}/entries?limit=1000&after=${after}`;
    const { status, body } = await call("GET", path);
    expect(status, JSON.stringify(body)).toBe(200);
    entries.push(...body.entries);
    after = body.cursor;
  }
  return entries;
}

/** The texts from outside, by channel. */
async function textsByChannel(network: NetworkUnderTest): Promise<ReadonlyMap<string, string[]>> {
  const { body } = await network.call("GET", `/v1/channels?type=${network.channelType}&limit=100`);
  const texts = new Map<string, string[]>();
  for (const { channel } of body.channels as { channel: string }[]) {
    const entries = await allEntries(network, channel);
    const said = entries.filter(
      ({ kind, sender }) => kind === "message" && sender.startsWith("contact:"),
    );
    texts.set(
      channel,
      said.map(({ data }) => (data as { text: string }).text),
    );
  }
  return texts;
}

/** The texts from outside once all are there: as long as they grow more, they are waited for. */
async function allTexts(network: NetworkUnderTest): Promise<ReadonlyMap<string, string[]>> {
  let count = 0;
  for (;;) {
    const found = await vi.waitFor(
      async () => {
        const texts = await textsByChannel(network);
        expect([...texts.values()].flat().length).toBeGreaterThan(count);
        return texts;
      },
      { ...EVENTUALLY, interval: 1000 },
    );
    count = [...found.values()].flat().length;
    if (count >= FROM_OUTSIDE) return found;
  }
}

/** Asserts that all that was answered for is there, once, in one channel for each person, in the order of the network. */
async function assertStored(network: NetworkUnderTest, webhooks: readonly AnsweredRequest[]) {
  const byChannel = await allTexts(network);
  expect(byChannel.size).toBe(PERSONS.length);
  const inOrder = new Set(webhooks.map(({ body }) => new URLSearchParams(body).get("Body") ?? ""));
  inOrder.delete("");
  expect(inOrder.size).toBe(FROM_OUTSIDE);
  for (const texts of byChannel.values()) {
    const [person = ""] = texts[0]?.split(" ") ?? [];
    expect(texts).toEqual([...inOrder].filter((text) => text.startsWith(`${person} `)));
  }
  const channel = `production.connection.${network.connection}`;
  const stored = (await allEntries(network, channel)).filter(({ kind }) => kind === "webhook");
  const bodies = stored.map(({ data }) => (data as { body: { text: string } }).body.text);
  const left = new Map<string, number>();
  for (const body of bodies) left.set(body, (left.get(body) ?? 0) + 1);
  for (const { body } of webhooks) left.set(body, (left.get(body) ?? 0) - 1);
  expect([...left].filter(([, count]) => count < 0)).toEqual([]);
  const problems = await network.call("GET", `/v1/connections/${network.connection}/problems`);
  expect(problems.body).toEqual({ problems: [] });
  return { webhooks: webhooks.length, storedWebhooks: stored.length };
}

/** Asserts of what went out meanwhile that each receipt has come and counts once. */
async function assertReceipts(network: NetworkUnderTest, sends: Parameters<typeof outcomeOf>[0]) {
  const { deliveries, taken, counts } = await outcomeOf(sends, ["delivered", "unconfirmed"]);
  for (const { id, status, message } of deliveries) {
    expect(status, message).toBe(taken.has(message) ? "delivered" : "unconfirmed");
    const { body } = await network.call("GET", `/v1/deliveries/${id}`);
    const steps = (body as DeliveryHistory).steps.filter(({ step }) => step === "delivered");
    expect(steps.length, JSON.stringify(body)).toBe(status === "delivered" ? 1 : 0);
  }
  return counts;
}

/** Kills `victims` by turns while a network tells of messages and receipts; asserts that nothing is lost or twice. */
async function killWhileTold(
  gateway: PatientGateway,
  entrance: Pick<CrashingServer, "token">,
  victims: readonly Pick<CrashingServer, "kill" | "start">[],
): Promise<Readonly<Record<string, number | string>>> {
  const random = randomSeed();
  const webhooks = listenToWebhooks(gateway);
  const reachable = { url: gateway.url, token: entrance.token };
  const network = await connectNetwork(reachable, "twilio-sms", NO_RATES);
  const sends = await sayOverNetwork(network, KNOWN, FROM_INSIDE);
  await sends.said;
  network.simulator.inject({ kind: "duplicate_webhook", times: 200 });
  network.simulator.inject({ kind: "reorder_webhook", times: 100 });
  const at: number[] = [];
  for (let i = 0; i < KILLS; i += 1) {
    const victim = victims[i % victims.length];
    if (victim === undefined) throw new Error("nobody to kill");
    const moment = webhooks.length + random.upTo(Math.floor(IN_A_ROUND * 0.9));
    const killed = killAt(gateway, webhooks, moment, i % 2 === 0, victim.kill);
    await writeFromOutside(network, i * IN_A_ROUND, IN_A_ROUND);
    await killed;
    at.push(webhooks.length);
    await victim.start();
    await network.simulator.idle();
  }
  const stored = await assertStored(network, webhooks);
  const counts = await assertReceipts(network, sends);
  return {
    ...{ seed: random.seed, kills: KILLS, at: at.join(" "), messages: FROM_OUTSIDE },
    ...{ ...stored, askedAgain: gateway.asked, ...counts },
  };
}

it("kills while a network tells of 1,000 messages and of receipts lose nothing that was answered for, and store each once", async () => {
  const gateway = await startPatientGateway();
  const server = await startCrashingServer({ ANYWIRE_HTTP_PUBLIC_URL: gateway.url });
  gateway.forwardTo(server.url);
  const counts = await killWhileTold(gateway, server, [server]);
  expect(await server.stop()).toBe(0);
  const { isSame } = await rebuildSqliteState(server.directory, { verify: true });
  expect(isSame).toBe(true);
  report("kills in the middle of what comes in", counts);
}, 360_000);

withCluster(() => {
  it("kills of the edge that networks call and of whoever handles what came in lose nothing in a cluster, and store each once", async () => {
    const gateway = await startPatientGateway();
    const environment = { ...KEY, ANYWIRE_HTTP_PUBLIC_URL: gateway.url };
    const cluster = await startCluster();
    const edge = await cluster.startNode({ roles: "edge,projector", environment });
    const start = () => cluster.startNode({ roles: "outbound,projector", environment });
    const handlers = [await start(), await start()];
    gateway.forwardTo(edge.url);
    const counts = await killWhileTold(gateway, edge, [edge, ...handlers]);
    for (const node of [edge, ...handlers]) expect(await node.stop()).toBe(0);
    report("kills in the middle of what comes in, cluster", counts);
  }, 400_000);
});
