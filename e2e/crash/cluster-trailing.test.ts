import { createTimeline } from "@anywire/client/timeline";
import { ERRORS } from "@anywire/types";
import { expect, it, vi } from "vitest";
import { connectClient, NO_PATTERNS } from "../support/connect-client.ts";
import { openRaw, type RawClient, type WireReply } from "../support/raw-client.ts";
import { type ClusterNode, startCluster, type Witness, withCluster } from "./cluster.ts";
import { EVENTUALLY } from "./cluster-load.ts";

/** Says what it wants once, as it is: an SDK would try again. */
async function connectRaw(node: ClusterNode, account: string): Promise<RawClient> {
  const raw = await openRaw(node);
  const token = await node.token(account, NO_PATTERNS);
  expect((await raw.request({ connect: { token } })).error).toBeUndefined();
  expect((await rpc(raw, "me.snapshot", {})).error).toBeUndefined();
  return raw;
}

function rpc(raw: RawClient, method: string, data: object): Promise<WireReply> {
  return raw.request({ rpc: { method, data } });
}

/** What somebody is told in the end: on a busy machine the projector may take longer than a refusal waits. */
async function answered(ask: () => Promise<WireReply>): Promise<WireReply> {
  for (;;) {
    const reply = await ask();
    if (reply.error?.code !== ERRORS.unavailable.socket) return reply;
  }
}

/** The channel that was opened last, as soon as the log has it. */
async function openedIn({ log }: Witness, before: string): Promise<string> {
  return await vi.waitFor(async () => {
    const { entries } = await log.read({ pattern: ">", limit: 10, order: "desc" });
    const channel = entries.find(({ kind }) => kind === "opened")?.channel;
    if (channel === undefined || channel === before) throw new Error("nothing was opened");
    return channel;
  }, EVENTUALLY);
}

withCluster(() => {
  // Told by one edge of a channel, who subscribed at once on another was refused for good; who read a message that the
  // log had told of before the state had it was taken to have read the one before; and who opened a channel then never saw it.
  it("nobody is refused, nothing is left out and no mark falls short because the state trails", async () => {
    const cluster = await startCluster();
    const projector = await cluster.startNode({ roles: "projector" });
    const [a, b] = [
      await cluster.startNode({ roles: "edge" }),
      await cluster.startNode({ roles: "edge" }),
    ];
    const ann = await connectClient(a, "ann");
    const [bob, carol] = [await connectRaw(b, "bob"), await connectRaw(b, "carol")];
    const device = await connectClient(b, "carol");
    const witness = await cluster.witness();
    const hall = await ann.channels.open({
      type: "group",
      participants: ["account:bob", "account:carol"],
    });
    expect((await bob.request({ subscribe: { channel: hall.name } })).error).toBeUndefined();

    await projector.stop();
    const opening = ann.channels.open({ type: "group", participants: ["account:bob"] });
    const room = await openedIn(witness, hall.name);
    const { offset } = await hall.send({ id: "told", text: "of before the state has it" });
    await bob.replies.find(({ push }) => push?.pub?.tags?.["id"] === "told");
    const timeline = createTimeline(device, hall.name);
    timeline.open();
    await timeline.channel.ready();
    const message = { channel: hall.name, id: "told" };
    const asked = [
      () => bob.request({ subscribe: { channel: room } }),
      () => bob.request({ history: { channel: room, limit: 1 } }),
      () => bob.request({ presence: { channel: room } }),
      () => bob.request({ publish: { channel: room, data: { hello: "room" } } }),
      () => rpc(bob, "message.send", { channel: room, text: "hello" }),
      () => rpc(bob, "channel.get", { channel: room }),
      () => rpc(bob, "channel.mute", { channel: room }),
      () => rpc(bob, "reaction.add", { ...message, emoji: "👍" }),
      () => rpc(bob, "message.send", { channel: hall.name, text: "an answer", thread: "told" }),
    ].map(answered);
    const read = rpc(carol, "channel.read", { channel: hall.name, offset });
    const stranger = answered(() => carol.request({ subscribe: { channel: room } }));
    // What the log has nothing of needs no state that has come along.
    const nowhere = await carol.request({ subscribe: { channel: `${room}-else` } });
    expect(nowhere.error).toMatchObject({ code: 103 });

    await projector.start();
    for (const reply of await Promise.all(asked)) expect(reply).not.toHaveProperty("error");
    expect(await read).toMatchObject({ rpc: { data: { readOffset: offset } } });
    await vi.waitFor(() => {
      const { history, messages } = timeline.getState();
      expect(history).toBe("ready");
      expect(messages.map(({ id }) => id)).toContain("told");
    }, EVENTUALLY);
    expect((await stranger).error).toMatchObject({ code: 103 });
    expect((await opening).name).toBe(room);
    for (const node of [a, b, projector]) expect(await node.stop()).toBe(0);
  }, 60_000);
});
