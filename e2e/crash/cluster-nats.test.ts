import { expect, it } from "vitest";
import { hasServer } from "../../packages/engines/src/nats/nats-server.fixture.ts";
import { startCluster, startOwnNats, withCluster } from "./cluster.ts";
import { assertUndamaged, report, startLoad } from "./cluster-load.ts";
import { randomSeed } from "./random-seed.ts";

const ROUNDS = 5;
/** Acknowledgements in a round after which, at the latest, the server is killed. */
const MOST_IN_A_ROUND = 300;

withCluster(() => {
  it.skipIf(!hasServer)(
    "kills of the NATS server under load lose no acknowledged entry, repeat none, and change no order",
    async () => {
      const { seed, upTo } = randomSeed();
      const nats = await startOwnNats();
      const cluster = await startCluster({ nats: nats.url });
      const [a, b] = [await cluster.startNode(), await cluster.startNode()];
      const load = await startLoad(cluster, [a, b]);
      for (let round = 1; round <= ROUNDS; round += 1) {
        await load.more(upTo(MOST_IN_A_ROUND));
        await nats.kill();
        await nats.start();
      }
      await load.more(upTo(MOST_IN_A_ROUND));
      const resent = await load.stop();
      const damage = await assertUndamaged(await cluster.witness(), load);
      expect([await a.stop(), await b.stop()]).toEqual([0, 0]);
      const { longestGapMs } = load;
      report("kills of NATS", { seed, restarts: ROUNDS, ...damage, resent, longestGapMs });
    },
    180_000,
  );
});
