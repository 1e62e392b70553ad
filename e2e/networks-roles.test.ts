import { expect, it, vi } from "vitest";
import { withCluster } from "./crash/cluster.ts";
import { emptyEngine } from "./support/engine-config.ts";
import { callHttp } from "./support/http-call.ts";
import { connectNetwork, PATIENCE } from "./support/network-under-test.ts";
import { startTestServer } from "./support/start-test-server.ts";

const ANN = "+447700900123";

withCluster(() => {
  it("of divided processes, edges take in what networks send, and only those with the role outbound handle it and send", async () => {
    const engine = await emptyEngine("cluster");
    const edge = await startTestServer({ ...engine, roles: ["edge", "projector"] });
    const network = await connectNetwork(edge, "twilio-sms");
    const { call, connection, entries, simulator } = network;
    const channel = await network.open(`phone:${ANN}`, connection);
    const message = await network.say(channel, "said before anybody sends");
    await network.handset.write(ANN, { text: "written before anybody handles it" });
    await simulator.idle();
    const kinds = async (): Promise<string[]> =>
      (await entries(`production.connection.${connection}`)).map(({ kind }) => kind);
    expect(await kinds()).toEqual(["connection", "webhook"]);
    expect(await network.said(channel)).toHaveLength(1);
    expect((await call("GET", `/v1/deliveries?channel=${channel}`)).body.deliveries).toEqual([]);

    const { keySet } = edge;
    const http = { publicUrl: edge.url };
    const worker = await startTestServer({ ...engine, http, roles: ["outbound"] }, { keySet });
    await network.delivery(channel, message, "delivered");
    await vi.waitFor(async () => expect(await network.said(channel)).toHaveLength(2), PATIENCE);
    expect((await network.said(channel))[1]).toMatch(/: written before anybody handles it$/);
    expect(simulator.accepted).toBe(1);

    // Nobody calls a process that is no edge.
    const bob = await edge.token("bob");
    const path = `/v1/webhooks/${connection}`;
    expect(await callHttp(worker, bob, "POST", path, {})).toMatchObject({ status: 404 });
    await worker.close();
    // What comes while nobody handles it waits for who comes next.
    await network.handset.write(ANN, { text: "written in between" });
    await simulator.idle();
    await startTestServer({ ...engine, http, roles: ["outbound"] }, { keySet });
    await vi.waitFor(async () => expect(await network.said(channel)).toHaveLength(3), PATIENCE);
    const last = await network.say(channel, "said at the end");
    await network.delivery(channel, last, "delivered");
    expect(simulator.accepted).toBe(2);
  }, 90_000);
});
