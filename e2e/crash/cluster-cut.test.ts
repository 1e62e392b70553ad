import { setTimeout as pause } from "node:timers/promises";
import type { AnywireClient } from "@anywire/client";
import { expect, it, onTestFinished } from "vitest";
import { startTcpProxy, type TcpProxy } from "../../scripts/engines/tcp-proxy.ts";
import type { Reachable } from "../support/sdk-client.ts";
import { startCluster, withCluster } from "./cluster.ts";
import { startClusterDevice } from "./cluster-device.ts";
import { assertUndamaged, report, startLoad } from "./cluster-load.ts";
import { readEntries } from "./state-of-log.ts";

/** Ways in which a network ends, and for how long, ms. */
const CUTS: readonly (readonly [name: string, cut: (network: TcpProxy) => void, ms: number])[] = [
  ["is silent for 20 s", (network) => network.freeze(), 20_000],
  ["is cut for 5 s", (network) => network.cut(), 5_000],
];

/** Keeps saying something in a channel until stopped; that resolves with how often it was acknowledged. */
function chat(client: AnywireClient, channel: string): () => Promise<number> {
  let isStopped = false;
  let said = 0;
  const say = async (id: string): Promise<void> => {
    while (client.state !== "disconnected") {
      try {
        await client.call("message.send", { channel, id, text: id });
        said += 1;
        return;
      } catch {
        await pause(50);
      }
    }
  };
  const talking = (async () => {
    for (let i = 0; !isStopped && client.state !== "disconnected"; i += 1) {
      await say(`${client.account}-${i}`);
      await pause(50);
    }
  })();
  return async () => {
    isStopped = true;
    await talking;
    return said;
  };
}

/** A channel beside the load. */
const VOID = "production.group.void";

/** Sends once over HTTP, and gives the status of the answer. */
async function sendOnce(node: Reachable, id: string): Promise<number> {
  const token = await node.token("shouter");
  const response = await fetch(`${node.url}/v1/channels/${VOID}/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ id, text: "into the void" }),
  });
  return response.status;
}

withCluster(() => {
  it.each(CUTS)(
    "an edge whose network to NATS %s loses nothing, and its clients hear all of it afterwards",
    async (name, cut, ms) => {
      const cluster = await startCluster();
      const network = await startTcpProxy(cluster.servers.nats);
      onTestFinished(() => network.close());
      // The first one keeps the state in step: the other has to take that over.
      const a = await cluster.startNode({ servers: { nats: network.url } });
      const b = await cluster.startNode();
      const load = await startLoad(cluster, [a, b]);
      const ann = await startClusterDevice(a, "ann");
      const bob = await startClusterDevice(b, "bob");
      const participants = ["account:bob"];
      const { name: direct } = await ann.client.channels.open({ type: "direct", participants });
      const stops = [chat(ann.client, direct), chat(bob.client, direct)] as const;
      await load.more(200);
      cut(network);
      const healed = pause(ms).then(() => network.heal());
      const statuses = await Promise.all([sendOnce(a, "on-a"), sendOnce(b, "on-b")]);
      expect(statuses).toEqual([ms > 10_000 ? 503 : 201, 201]);
      // The other one goes on meanwhile; what happens only then, nothing tells of later.
      await bob.client.channels.open({ type: "group", participants: ["account:ann"] });
      await load.more(200);
      await healed;
      await load.more(200);
      const resent = await load.stop();
      const said = await Promise.all([stops[0](), stops[1]()]);
      const witness = await cluster.witness();
      const damage = await assertUndamaged(witness, load);
      const shouted = (await readEntries(witness, VOID)).map(({ id }) => id);
      expect(shouted).toContain("on-b");
      const chatted = (await readEntries(witness, direct)).filter(({ kind }) => kind === "message");
      expect(chatted.length).toBe(said[0] + said[1]);
      for (const device of [ann, bob]) {
        await device.assertToldOf(
          direct,
          chatted.map(({ offset }) => offset),
        );
        await device.assertInStep();
      }
      expect([await a.stop(), await b.stop()]).toEqual([0, 0]);
      const { longestGapMs } = load;
      report(`network that ${name}`, {
        ...damage,
        resent,
        longestGapMs,
        statuses: statuses.join("/"),
        chatted: said.join("+"),
        events: `${ann.events}+${bob.events}`,
      });
    },
    180_000,
  );
});
