import { setTimeout as pause } from "node:timers/promises";
import { expect, inject, it } from "vitest";
import { startCluster, withCluster } from "./cluster.ts";
import { startClusterDevice } from "./cluster-device.ts";
import { assertUndamaged, report, startLoad } from "./cluster-load.ts";
import { type DynamodbFate, startFaultyDynamodb } from "./faulty-dynamodb.ts";
import { startModelLane } from "./model-lane.ts";
import { type RandomSeed, randomSeed } from "./random-seed.ts";

/** Of 200 requests, how many fare how while some do not pass. */
const SHARES: readonly (readonly [fate: DynamodbFate, share: number])[] = [
  ["exceeds throughput", 24],
  ["is throttled", 16],
  ["fails", 10],
  ["lost answer", 8],
  ["hangs", 1],
];
/** What becomes of all requests, and for how long, ms. */
const OUTAGES: readonly (readonly [fate: DynamodbFate, ms: number])[] = [
  ["is throttled", 3000],
  ["hangs", 6000],
  ["fails", 2000],
];
/** How long a publisher waits at most whose token allows it what it does: that needs no state, ms. */
const MOST_MS = 5000;

function fateOf({ upTo }: RandomSeed): DynamodbFate {
  let left = upTo(200);
  for (const [fate, share] of SHARES) {
    left -= share;
    if (left <= 0) return fate;
  }
  return "passes";
}

withCluster(() => {
  it("a DynamoDB that throttles, fails and hangs holds up no message, and the state catches up with all of them", async () => {
    const random = randomSeed();
    const { dynamodb: healthy } = inject("engines");
    const faulty = await startFaultyDynamodb("url" in healthy ? healthy.url : "");
    const cluster = await startCluster();
    const servers = { dynamodb: faulty.url };
    const [a, b] = [await cluster.startNode({ servers }), await cluster.startNode({ servers })];
    const ann = await startClusterDevice(a, "ann");
    const bob = await startClusterDevice(b, "bob");
    const load = await startLoad(cluster, [a, b]);
    const lanes = [await startModelLane(a, "cat", "ann"), await startModelLane(b, "dan", "bob")];

    faulty.decide(() => fateOf(random));
    await Promise.all(lanes.map((lane) => lane.more(8)));
    await load.more(200);
    for (const [fate, ms] of OUTAGES) {
      faulty.decide(() => fate);
      const over = pause(ms);
      const before = load.acknowledged.items.length;
      await load.more(100);
      await over;
      expect(load.acknowledged.items.length).toBeGreaterThan(before);
      faulty.decide(() => "passes");
      await Promise.all(lanes.map((lane) => lane.more(1)));
    }
    const resent = await load.stop();
    await Promise.all(lanes.map((lane) => lane.stop()));
    expect(load.longestGapMs).toBeLessThan(MOST_MS);
    for (const lane of lanes) await lane.assertKept();
    const damage = await assertUndamaged(await cluster.witness(), load);
    await Promise.all([ann.assertInStep(), bob.assertInStep()]);
    expect([await a.stop(), await b.stop()]).toEqual([0, 0]);
    const answered = lanes.reduce((sum, lane) => sum + lane.answered, 0);
    const longestAnswerMs = Math.max(...lanes.map(({ longestMs }) => longestMs));
    const { longestGapMs } = load;
    const counts = { seed: random.seed, faults: faulty.faults, ...damage, resent, answered };
    report("a faulty DynamoDB", { ...counts, longestGapMs, longestAnswerMs });
  }, 180_000);
});
