import { expect, it, onTestFinished } from "vitest";
import { startTcpProxy } from "../../scripts/engines/tcp-proxy.ts";
import { startCluster, withCluster } from "./cluster.ts";

/** Five seconds beyond `shutdown.timeoutMs` are promised, and a busy machine takes its time. */
const MOST_MS = 12_000;

withCluster(() => {
  // It said that it had not stopped in time, and lived on with its connection to a NATS server that was silent.
  it("a node that can't finish in time ends all the same", async () => {
    const cluster = await startCluster();
    const network = await startTcpProxy(cluster.servers.nats);
    onTestFinished(() => network.close());
    const environment = { ANYWIRE_SHUTDOWN_TIMEOUT_MS: "0" };
    const node = await cluster.startNode({ servers: { nats: network.url }, environment });
    network.freeze();
    const from = performance.now();
    expect(await node.stop()).toBe(1);
    expect(performance.now() - from).toBeLessThan(MOST_MS);
  }, 60_000);
});
