import { expect, it } from "vitest";
import { connectClient } from "../support/connect-client.ts";
import { startCluster, withCluster } from "./cluster.ts";
import { report } from "./cluster-load.ts";
import { startModelLane } from "./model-lane.ts";
import { randomSeed } from "./random-seed.ts";
import { assertStateFollows } from "./state-of-log.ts";

const ROUNDS = 5;
const LANES = 4;
/** Answers in a round after which, at the latest, the projector is killed. */
const MOST_IN_A_ROUND = 100;

withCluster(() => {
  it("kills of the projector at any moment lose no operation that was answered", async () => {
    const { seed, upTo } = randomSeed();
    const cluster = await startCluster();
    let working = await cluster.startNode({ roles: "projector" });
    let standby = await cluster.startNode({ roles: "projector" });
    const edge = await cluster.startNode({ roles: "edge" });
    await connectClient(edge, "friend");
    const lanes = await Promise.all(
      Array.from({ length: LANES }, (_, i) => startModelLane(edge, `worker-${i}`, "friend")),
    );
    const more = (): Promise<unknown> =>
      Promise.all(lanes.map((lane) => lane.more(Math.ceil(upTo(MOST_IN_A_ROUND) / LANES))));
    for (let round = 1; round <= ROUNDS; round += 1) {
      await more();
      await working.kill();
      // The other one has to take over before anything is answered again.
      await Promise.all(lanes.map((lane) => lane.more(2)));
      await working.start();
      [working, standby] = [standby, working];
    }
    await more();
    await Promise.all(lanes.map((lane) => lane.stop()));
    for (const lane of lanes) await lane.assertKept();
    const items = await assertStateFollows(await cluster.witness());
    for (const node of [edge, working, standby]) expect(await node.stop()).toBe(0);
    const answered = lanes.reduce((sum, lane) => sum + lane.answered, 0);
    const longestGapMs = Math.max(...lanes.map(({ longestMs }) => longestMs));
    report("kills of a projector", { seed, restarts: ROUNDS, answered, items, longestGapMs });
  }, 180_000);
});
