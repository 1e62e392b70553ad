import { expect, it } from "vitest";
import { startCluster, withCluster } from "./cluster.ts";
import { assertUndamaged, report, startLoad } from "./cluster-load.ts";
import { randomSeed } from "./random-seed.ts";

const ROUNDS = 5;
/** Acknowledgements in a round after which, at the latest, the edge is killed. */
const MOST_IN_A_ROUND = 150;

withCluster(() => {
  it("kills of one of two edges under load lose no acknowledged entry, repeat none, and change no order", async () => {
    const { seed, upTo } = randomSeed();
    const cluster = await startCluster();
    const [a, b] = [await cluster.startNode(), await cluster.startNode()];
    const load = await startLoad(cluster, [a, b]);
    for (let round = 1; round <= ROUNDS; round += 1) {
      await load.more(upTo(MOST_IN_A_ROUND));
      await a.kill();
      // The other one goes on meanwhile.
      await load.more(upTo(MOST_IN_A_ROUND));
      await a.start();
    }
    await load.more(upTo(MOST_IN_A_ROUND));
    const resent = await load.stop();
    const damage = await assertUndamaged(await cluster.witness(), load);
    expect([await a.stop(), await b.stop()]).toEqual([0, 0]);
    const { longestGapMs } = load;
    report("kills of an edge", { seed, restarts: ROUNDS, ...damage, resent, longestGapMs });
  }, 180_000);
});
