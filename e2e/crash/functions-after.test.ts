import type { SentMessage } from "@anywire/types";
import { expect, it } from "vitest";
import { functionsDirectory } from "../support/functions-directory.ts";
import { Inbox } from "../support/inbox.ts";
import { type ClusterNode, startCluster, withCluster } from "./cluster.ts";
import { report } from "./cluster-load.ts";
import { startCrashingServer } from "./crashing-server.ts";
import { type RandomSeed, randomSeed } from "./random-seed.ts";
import { assertRecorded, listenToEffects, RECORDING, sayOnChannels } from "./recorded-messages.ts";

const MESSAGES = 10_000;
const CHANNELS = 100;
const KILLS = 5;

async function recordingFunctions(): Promise<NodeJS.ProcessEnv> {
  const { path } = await functionsDirectory(RECORDING);
  return { ANYWIRE_FUNCTIONS_SOURCE: "directory", ANYWIRE_FUNCTIONS_DIRECTORY: path };
}

/** How many effects there are when the server is killed, each time: anywhere, and never behind the last one. */
function momentsOf({ upTo }: RandomSeed): number[] {
  const share = Math.floor((MESSAGES * 0.9) / KILLS);
  return Array.from({ length: KILLS }, (_, i) => i * share + upTo(share));
}

it("kills in the middle of 10,000 runs after messages lose none, and each has its effect once", async () => {
  const random = randomSeed();
  const server = await startCrashingServer(await recordingFunctions());
  const recorded = await listenToEffects(server);
  const acknowledged = new Inbox<SentMessage>("acknowledgements");
  const saying = sayOnChannels(server, MESSAGES, CHANNELS, acknowledged);
  const before: number[] = [];
  for (const moment of momentsOf(random)) {
    await recorded.atLeast(moment);
    await server.kill();
    before.push(recorded.count);
    await server.start();
  }
  const resent = await saying;
  await recorded.atLeast(MESSAGES);
  expect(Math.max(...before)).toBeLessThan(MESSAGES);
  const counts = await assertRecorded(server, acknowledged.items);
  expect(counts.acknowledged).toBe(MESSAGES);
  expect(await server.stop()).toBe(0);
  report("kills in the middle of after-runs", {
    ...{ seed: random.seed, kills: KILLS, at: before.join(" "), resent },
    ...counts,
  });
}, 120_000);

withCluster(() => {
  it("kills of whichever node runs a function lose no run in a cluster, and each has its effect once", async () => {
    const random = randomSeed();
    const cluster = await startCluster();
    const environment = await recordingFunctions();
    const edge = await cluster.startNode({ roles: "edge,projector", environment });
    const start = (): Promise<ClusterNode> =>
      cluster.startNode({ roles: "edge,functions", environment });
    const [one, other] = [await start(), await start()];
    const recorded = await listenToEffects(edge);
    const acknowledged = new Inbox<SentMessage>("acknowledgements");
    const saying = sayOnChannels(edge, MESSAGES, CHANNELS, acknowledged);
    const before: number[] = [];
    for (const moment of momentsOf(random)) {
      await recorded.atLeast(moment);
      const working = [one, other].find((node) => node.pid() === recorded.by);
      await working?.kill();
      before.push(recorded.count);
      await working?.start();
    }
    const resent = await saying;
    await recorded.atLeast(MESSAGES);
    expect(Math.max(...before)).toBeLessThan(MESSAGES);
    const counts = await assertRecorded(one, acknowledged.items);
    expect(counts.acknowledged).toBe(MESSAGES);
    for (const node of [edge, one, other]) expect(await node.stop()).toBe(0);
    report("kills of the node that runs a function", {
      ...{ seed: random.seed, kills: KILLS, at: before.join(" "), resent },
      ...counts,
    });
  }, 180_000);
});
