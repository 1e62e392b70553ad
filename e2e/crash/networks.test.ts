import { rebuildSqliteState } from "@anywire/engines/sqlite";
import { expect, it } from "vitest";
import { COURIERS, courierModules } from "../support/courier.ts";
import { type CourierNetwork, startCourierNetwork } from "../support/courier-network.ts";
import { connectNetwork, connectTo } from "../support/network-under-test.ts";
import { type PatientGateway, startPatientGateway } from "../support/patient-gateway.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { type ClusterNode, startCluster, withCluster } from "./cluster.ts";
import { report } from "./cluster-load.ts";
import { startCrashingServer } from "./crashing-server.ts";
import {
  assertExplained,
  assertTakenOnce,
  momentsOf,
  outcomeOf,
  sayOverNetwork,
  strikeAt,
} from "./network-sends.ts";
import { randomSeed } from "./random-seed.ts";

const MESSAGES = 400;
const CHANNELS = 16;
const KILLS = 6;
/** What the crash is about is not a rate. */
const NO_RATES = {
  limits: ["connection", "sender", "recipient"].map((scope) => ({ scope, rate: 0 })),
};

async function environmentOf(gateway: PatientGateway): Promise<NodeJS.ProcessEnv> {
  const modules = await courierModules(await temporaryDirectory());
  return {
    ANYWIRE_CONNECTORS_MODULES: modules.join(","),
    ANYWIRE_CONNECTORS_ENCRYPTION_KEY: "the same on every node of the cluster",
    ANYWIRE_HTTP_PUBLIC_URL: gateway.url,
  };
}

function houses(): string[] {
  return Array.from({ length: CHANNELS }, (_, i) => `courier:house-${i}`);
}

it("kills between sent and recorded repeat no SMS and lose none: what the network had is known by its receipts", async () => {
  const random = randomSeed();
  const gateway = await startPatientGateway();
  const server = await startCrashingServer(await environmentOf(gateway));
  gateway.forwardTo(server.url);
  const reachable = { url: gateway.url, token: server.token };
  const network = await connectNetwork(reachable, "twilio-sms", NO_RATES);
  const numbers = Array.from({ length: CHANNELS }, (_, i) => `phone:+4477009001${10 + i}`);
  const sends = await sayOverNetwork(network, numbers, MESSAGES);
  const kills: number[] = [];
  const moments = momentsOf(random, MESSAGES, KILLS);
  for (const moment of moments) {
    kills.push(await strikeAt(network, moment, server.kill));
    await server.start();
  }
  await outcomeOf(sends, ["sent", "delivered", "unconfirmed"]);
  await network.simulator.idle();
  const outcome = await outcomeOf(sends, ["delivered", "unconfirmed"]);
  assertTakenOnce(sends, outcome);
  // Only what never reached the network has no receipt, and only that is unconfirmed.
  for (const { message, status } of outcome.deliveries) {
    expect(status, message).toBe(outcome.taken.has(message) ? "delivered" : "unconfirmed");
  }
  const stalled = await assertExplained(network, outcome.deliveries, kills);
  expect(await server.stop()).toBe(0);
  expect((await rebuildSqliteState(server.directory, { verify: true })).isSame).toBe(true);
  report("kills between sent and recorded, with receipts", {
    ...{ seed: random.seed, kills: KILLS, messages: MESSAGES, taken: outcome.taken.size },
    ...{ ...outcome.counts, stalled },
  });
}, 360_000);

it.each(["telling-courier", "mute-courier"] as const)(
  "kills between sent and recorded repeat no message over a %s and lose none",
  async (id) => {
    const random = randomSeed();
    const gateway = await startPatientGateway();
    const server = await startCrashingServer(await environmentOf(gateway));
    gateway.forwardTo(server.url);
    const reachable = { url: gateway.url, token: server.token };
    const network = await connectTo(reachable, COURIERS[id], startCourierNetwork);
    const sends = await sayOverNetwork(network, houses(), MESSAGES);
    const kills: number[] = [];
    for (const moment of momentsOf(random, MESSAGES, KILLS)) {
      kills.push(await strikeAt(network, moment, server.kill));
      await server.start();
    }
    const outcome = await assertOutcome(id, sends, kills);
    expect(await server.stop()).toBe(0);
    expect((await rebuildSqliteState(server.directory, { verify: true })).isSame).toBe(true);
    report(`kills between sent and recorded, ${id}`, {
      ...{ seed: random.seed, kills: KILLS, messages: MESSAGES, taken: outcome.taken.size },
      ...outcome.counts,
    });
  },
  360_000,
);

async function assertOutcome(
  id: keyof typeof COURIERS,
  sends: Awaited<ReturnType<typeof sayOverNetwork>>,
  kills: readonly number[],
) {
  const canTell = id === "telling-courier";
  const outcome = await outcomeOf(sends, canTell ? ["sent"] : ["sent", "unconfirmed"]);
  assertTakenOnce(sends, outcome);
  if (canTell) expect(outcome.taken.size).toBe(MESSAGES);
  for (const { message, status } of outcome.deliveries) {
    if (status === "sent") expect(outcome.taken.get(message), message).toBe(1);
  }
  const stalled = await assertExplained(sends.network, outcome.deliveries, kills);
  // Of one channel one message is at the network at a time.
  expect(outcome.counts["unconfirmed"] ?? 0).toBeLessThanOrEqual(KILLS * CHANNELS);
  return { ...outcome, counts: { ...outcome.counts, stalled } };
}

withCluster(() => {
  it.each(["telling-courier", "mute-courier"] as const)(
    "kills of whichever node sends repeat no message over a %s in a cluster and lose none",
    async (id) => {
      const random = randomSeed();
      const cluster = await startCluster();
      const gateway = await startPatientGateway();
      const environment = await environmentOf(gateway);
      const edge = await cluster.startNode({ roles: "edge,projector", environment });
      const start = (): Promise<ClusterNode> =>
        cluster.startNode({ roles: "outbound", environment });
      const senders = [await start(), await start()];
      gateway.forwardTo(edge.url);
      const reachable = { url: gateway.url, token: edge.token };
      const courier = await startCourierNetwork();
      const network = await connectTo(reachable, COURIERS[id], async () => courier);
      const sends = await sayOverNetwork(network, houses(), MESSAGES);
      const kills: number[] = [];
      const killed: (number | undefined)[] = [];
      for (const moment of momentsOf(random, MESSAGES, KILLS)) {
        const sender = await killSender(senders, courier, (kill) =>
          strikeAt(network, moment, kill).then((at) => kills.push(at)),
        );
        killed.push(sender.pid());
        await sender.start();
      }
      const outcome = await assertOutcome(id, sends, kills);
      for (const node of [edge, ...senders]) expect(await node.stop()).toBe(0);
      report(`kills of the node that sends, ${id}`, {
        ...{ seed: random.seed, kills: new Set(killed).size, messages: MESSAGES },
        ...{ taken: outcome.taken.size, ...outcome.counts },
      });
    },
    400_000,
  );
});

/** Kills the node whose message the network takes at that moment, and gives it. */
async function killSender(
  nodes: readonly ClusterNode[],
  courier: CourierNetwork,
  strike: (kill: () => Promise<void>) => Promise<unknown>,
): Promise<ClusterNode> {
  let sender: ClusterNode | undefined;
  await strike(async () => {
    // What the network takes may still be from one that was killed before: then it is the turn of another.
    sender = nodes.find((node) => node.pid() === courier.by) ?? nodes[0];
    await sender?.kill();
  });
  if (sender === undefined) throw new Error(`no node has the process ${courier.by}`);
  return sender;
}
