import type { NotificationEvent } from "@anywire/types";
import { expect, it } from "vitest";
import { connectClient, NO_PATTERNS } from "../support/connect-client.ts";
import { openRaw, type RawClient } from "../support/raw-client.ts";
import { type ClusterNode, startCluster, withCluster } from "./cluster.ts";
import { report } from "./cluster-load.ts";

const ROUNDS = 10;
/** How soon a removal has to act on the other nodes, ms. */
const ACTS_WITHIN_MS = 1000;

/** Sees every frame that the server sends, also what an SDK would drop. */
async function connectBob(node: ClusterNode): Promise<RawClient> {
  const bob = await openRaw(node);
  const token = await node.token("bob", NO_PATTERNS);
  for (const command of [{ connect: { token } }, { rpc: { method: "me.snapshot", data: {} } }]) {
    expect((await bob.request(command)).error).toBeUndefined();
  }
  return bob;
}

/** Subscribes as soon as Bob was told, after so many replies, that the channel is his to hear. */
async function subscribe(bob: RawClient, channel: string, from = 0): Promise<void> {
  await bob.replies.find((reply) => {
    const { event, channel: opened } = (reply.push?.pub?.data ?? {}) as Partial<NotificationEvent>;
    const isOpened = event === "channel.opened" && opened === channel;
    return isOpened && bob.replies.items.indexOf(reply) >= from;
  });
  expect((await bob.request({ subscribe: { channel } })).error).toBeUndefined();
}

withCluster(() => {
  it("a removal on one edge ends the subscription on the other within a second, and nothing is heard after that", async () => {
    const cluster = await startCluster();
    const [a, b] = [await cluster.startNode(), await cluster.startNode()];
    const ann = await connectClient(a, "ann");
    const bob = await connectBob(b);
    const participants = ["account:bob"];
    const room = await ann.channels.open({ type: "group", participants });
    const hall = await ann.channels.open({ type: "group", participants });
    await subscribe(bob, hall.name);
    const heardIn = (channel: string, id: string) =>
      bob.replies.find(({ push }) => push?.channel === channel && push.pub?.tags?.["id"] === id);
    let slowestMs = 0;
    let overlapping = 0;
    let addedFrom = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      await subscribe(bob, room.name, addedFrom);
      await room.send({ id: `before-${round}`, text: "before" });
      await heardIn(room.name, `before-${round}`);
      const from = bob.replies.items.length;
      await room.call("channel.remove", { participants });
      const removedAt = performance.now();
      // At once, while the news of it may still be on its way.
      const overlap = room.send({ id: `overlap-${round}`, text: "overlap" });
      const isEnd = ({ push }: RawClient["replies"]["items"][number]): boolean =>
        push?.channel === room.name && push.unsubscribe !== undefined;
      await bob.replies.find((reply) => isEnd(reply) && bob.replies.items.indexOf(reply) >= from);
      slowestMs = Math.max(slowestMs, performance.now() - removedAt);
      await overlap;
      await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          room.send({ id: `after-${round}-${i}`, text: "after" }),
        ),
      );
      // What is said last shows that all before it had its time to come.
      await hall.send({ id: `last-${round}`, text: "last" });
      await heardIn(hall.name, `last-${round}`);
      const came = bob.replies.items.slice(from);
      const said = (replies: typeof came): number =>
        replies.filter(({ push }) => /^(overlap|after)-/.test(push?.pub?.tags?.["id"] ?? ""))
          .length;
      expect(came[came.findIndex(isEnd)]?.push?.unsubscribe).toMatchObject({ code: 2000 });
      expect(said(came.slice(came.findIndex(isEnd)))).toBe(0);
      overlapping += said(came.slice(0, came.findIndex(isEnd)));
      const history = await bob.request({ history: { channel: room.name, limit: 1 } });
      expect(history.error).toMatchObject({ code: 103 });
      addedFrom = bob.replies.items.length;
      await room.call("channel.add", { participants });
    }
    expect(slowestMs).toBeLessThan(ACTS_WITHIN_MS);
    expect([await a.stop(), await b.stop()]).toEqual([0, 0]);
    report("removals", { rounds: ROUNDS, overlapping, slowestMs: Math.round(slowestMs) });
  }, 60_000);
});
