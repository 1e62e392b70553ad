import { expect, it, vi } from "vitest";
import { startCluster, withCluster } from "./cluster.ts";
import { startClusterDevice } from "./cluster-device.ts";
import { assertUndamaged, EVENTUALLY, report, startLoad } from "./cluster-load.ts";
import { startReadyBalancer } from "./ready-balancer.ts";

const NODES = 3;
/** How long a client may be without a connection, ms. */
const MOST_MS = 6000;

withCluster(() => {
  it("a rolling restart of three edges loses nothing, and leaves no client alone for long", async () => {
    const cluster = await startCluster();
    const environment = { ANYWIRE_SHUTDOWN_DRAIN_MS: "1000" };
    const start = () => cluster.startNode({ environment });
    const nodes = await Promise.all(Array.from({ length: NODES }, start));
    const balancer = await startReadyBalancer(nodes.map(({ url }) => url));
    const front = { url: balancer.url, token: cluster.token };
    const load = await startLoad(cluster, [front, front, front]);
    const ann = await startClusterDevice(front, "ann");
    let longestAloneMs = 0;
    for (const { centrifuge } of load.clients) {
      let since = 0;
      centrifuge.on("connecting", () => {
        since = performance.now();
      });
      centrifuge.on("connected", () => {
        longestAloneMs = Math.max(longestAloneMs, performance.now() - since);
      });
    }
    for (const [i, node] of nodes.entries()) {
      await load.more(100);
      const asked = balancer.statuses[i]?.length ?? 0;
      expect(await node.stop()).toBe(0);
      // While it sent its clients away, it said so; before and after it said something else.
      expect(balancer.statuses[i]?.slice(asked)).toContain(503);
      await load.more(100);
      await node.start();
      await vi.waitFor(() => expect(balancer.statuses[i]?.at(-1)).toBe(200), EVENTUALLY);
    }
    await load.more(100);
    const resent = await load.stop();
    const damage = await assertUndamaged(await cluster.witness(), load);
    await ann.assertInStep();
    expect(longestAloneMs).toBeLessThan(MOST_MS);
    for (const node of nodes) expect(await node.stop()).toBe(0);
    const { longestGapMs } = load;
    const alone = { longestAloneMs: Math.round(longestAloneMs) };
    report("a rolling restart", { restarts: NODES, ...damage, resent, longestGapMs, ...alone });
  }, 180_000);
});
