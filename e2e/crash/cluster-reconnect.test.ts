import { expect, inject, it, vi } from "vitest";
import { connectClient } from "../support/connect-client.ts";
import { callHttp } from "../support/http-call.ts";
import { startCluster, withCluster } from "./cluster.ts";
import { startClusterDevice } from "./cluster-device.ts";
import { EVENTUALLY } from "./cluster-load.ts";
import { startFaultyDynamodb } from "./faulty-dynamodb.ts";

/** What is at hand for those who come back: less than they miss. */
const FEW = { ANYWIRE_RECOVERY_RING_SIZE: "4" };
const MISSED = 20;
/** After that, SDKs give an attempt to connect up, ms. */
const MOST_MS = 5000;

withCluster(() => {
  // What the account had missed was read from the state before the connection was answered, and not being able to ended it.
  it("a device comes back and talks while DynamoDB hangs, and is told what it missed when that is well again", async () => {
    const { dynamodb: healthy } = inject("engines");
    const faulty = await startFaultyDynamodb("url" in healthy ? healthy.url : "");
    const cluster = await startCluster();
    const node = await cluster.startNode({ servers: { dynamodb: faulty.url }, environment: FEW });
    const bob = await connectClient(node, "bob");
    const [gone, there] = [
      await startClusterDevice(node, "ann"),
      await startClusterDevice(node, "ann"),
    ];
    const { channel } = await bob.call("channel.open", {
      type: "group",
      participants: ["account:ann"],
    });
    const told: number[] = [];
    const say = async (text: string): Promise<void> => {
      told.push((await bob.call("message.send", { channel, text })).offset);
    };
    await say("first");
    await gone.assertToldOf(channel, told);
    gone.client.disconnect();
    for (let i = 0; i < MISSED; i += 1) await say(`missed ${i}`);
    await there.assertToldOf(channel, told);

    faulty.decide(() => "hangs");
    const synced: boolean[] = [];
    gone.client.on("synced", ({ isContinuous }) => synced.push(isContinuous));
    const from = performance.now();
    gone.client.connect();
    await vi.waitFor(() => expect(gone.client.state).toBe("connected"), EVENTUALLY);
    const { offset } = await gone.client.call("message.send", { channel, text: "back" });
    told.push(offset);
    expect(performance.now() - from).toBeLessThan(MOST_MS);
    // What is asked for later is given up later: by then what was missed could not be read.
    const snapshot = await callHttp(node, await node.token("ann"), "GET", "/v1/me/snapshot");
    expect(snapshot.status).toBe(503);
    faulty.decide(() => "passes");
    await gone.assertToldOf(channel, told);
    await there.assertToldOf(channel, told);
    expect(synced).toEqual([true]);
    await Promise.all([gone.assertInStep(), there.assertInStep()]);
    expect(await node.stop()).toBe(0);
  }, 180_000);
});
