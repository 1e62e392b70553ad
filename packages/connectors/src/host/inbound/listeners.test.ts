import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  createMemoryBackend,
  eventually,
  type InboundBackend,
  InboundNode,
  type InboundNodeOptions,
  onlyMessage,
} from "./inbound-node.fixture.ts";
import { byRaven, letter, Raven } from "./raven.fixture.ts";

let backend: InboundBackend;
let nodes: InboundNode[];

beforeEach(async () => {
  backend = await createMemoryBackend();
  nodes = [];
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await backend.dispose();
});

async function begin(
  raven = new Raven(),
  options: Pick<InboundNodeOptions, "now" | "settings"> = {},
): Promise<InboundNode> {
  const node = new InboundNode(backend, { raven, ...options });
  nodes.push(node);
  await node.start();
  return node;
}

/** The nodes that listen to a connection now. */
function listening(id = "tower"): InboundNode[] {
  return nodes.filter(({ raven }) => raven.listening.has(id));
}

test("one node of all listens, and what it hears is durable, then handled like a webhook", async () => {
  const one = await begin();
  await begin();
  await one.connect();
  const [node] = await eventually(() => {
    expect(listening()).toHaveLength(1);
    return listening();
  });
  // Nobody signs what is heard by listening.
  await node?.raven.listening.get("tower")?.receive({ ...byRaven([letter("1")]), headers: {} });
  expect(await one.entries("production.connection.tower", "webhook")).toHaveLength(1);
  expect((await onlyMessage(one)).said.text).toBe("letter 1");
  expect(node?.inbound.health("tower")).toMatchObject({ state: "ok" });
  expect(await node?.call("connection.health", { id: "tower" })).toMatchObject({ state: "ok" });
});

test("another node goes on where the one that ends had come to", async () => {
  const one = await begin();
  await one.connect();
  await eventually(() => expect(listening()).toEqual([one]));
  const receiver = one.raven.listening.get("tower");
  expect(await receiver?.loadCursor()).toBeUndefined();
  await receiver?.saveCursor("uid 7");
  const two = await begin();
  await one.inbound.close();
  await eventually(() => expect(listening()).toEqual([two]));
  expect(await two.raven.listening.get("tower")?.loadCursor()).toBe("uid 7");
});

test("listening that fails or ends is begun again, and the health says what is wrong meanwhile", async () => {
  const raven = new Raven();
  raven.listenFails = 3;
  const node = await begin(raven);
  await node.connect();
  await eventually(() => expect(listening()).toEqual([node]));
  expect(raven.listened).toHaveLength(4);
  raven.listenFails = Number.POSITIVE_INFINITY;
  raven.breakOff("tower");
  await eventually(() =>
    expect(node.inbound.health("tower")).toMatchObject({
      ...{ state: "down", reason: expect.stringContaining("the tower is dark") },
      retryAt: expect.any(Number),
    }),
  );
});

/** Symptom: a mail server whose name was not found was told of at each attempt, five times in fifteen seconds. */
test("a network that can't be listened to is told of when it begins, at most once a minute, and when it is over", async () => {
  const raven = new Raven();
  raven.listenFails = Number.POSITIVE_INFINITY;
  let laterMs = 0;
  const node = await begin(raven, { now: () => Date.now() + laterMs });
  await node.connect();
  const attempts = async (count: number) =>
    await eventually(() => expect(raven.listened.length).toBeGreaterThanOrEqual(count));
  await attempts(4);
  expect(node.errors).toMatchObject([
    {
      message: expect.stringMatching(/^connection tower: .*again and again: the tower is dark$/),
      details: { connection: "tower" },
    },
  ]);
  laterMs = 60_000;
  await attempts(raven.listened.length + 2);
  expect(node.errors).toHaveLength(2);
  expect(node.recoveries).toEqual([]);
  raven.listenFails = 0;
  await eventually(() => expect(listening()).toEqual([node]));
  // That it was begun says nothing yet: it may take long to see that nobody answers.
  expect(node.inbound.health("tower")).toMatchObject({ state: "down" });
  await raven.listening.get("tower")?.saveCursor("uid 8");
  expect(node.inbound.health("tower")).toMatchObject({ state: "ok" });
  await raven.listening.get("tower")?.saveCursor("uid 9");
  expect(node.recoveries).toEqual(["connection tower: listening works again"]);
});

test("listening that lasts is well again, also where there is nothing to hear", async () => {
  const raven = new Raven();
  raven.listenFails = 1;
  const node = await begin(raven, { settings: { goodRunMs: 30 } });
  await node.connect();
  await eventually(() => expect(node.recoveries).toHaveLength(1));
  expect(node.inbound.health("tower")).toMatchObject({ state: "ok" });
});

test("what ends listening is told without the secrets in it", async () => {
  const raven = new Raven();
  raven.listen = async (context) => {
    throw new Error(`no raven with the ring ${context.secrets["ring"]?.[0]}`);
  };
  const node = await begin(raven);
  await node.connect({ secrets: { ring: "of gold" } });
  await eventually(() =>
    expect(node.inbound.health("tower")).toMatchObject({
      reason: "listening ended: no raven with the ring ***",
    }),
  );
  expect(inspect(node.errors)).not.toContain("of gold");
});

test("a connection that changes is listened to anew, one that is disabled or removed no more", async () => {
  const node = await begin();
  await node.connect();
  await eventually(() => expect(listening()).toEqual([node]));
  await node.call("connection.update", { id: "tower", settings: { tower: "south" } });
  await eventually(() => {
    expect(node.raven.listened).toEqual(["north", "south"]);
    expect(listening()).toEqual([node]);
  });
  await node.call("connection.update", { id: "tower", isEnabled: false });
  await eventually(() => expect(listening()).toEqual([]));
  await node.call("connection.update", { id: "tower", isEnabled: true });
  await eventually(() => expect(listening()).toEqual([node]));
  await node.call("connection.remove", { id: "tower" });
  await eventually(() => expect(listening()).toEqual([]));
});

/** Symptom: a mailbox whose password was mended went on with the wrong one until the server was started anew. */
test("new secrets are listened with, once", async () => {
  const raven = new Raven();
  const used: string[] = [];
  const listen = raven.listen.bind(raven);
  raven.listen = async (context, ...rest) => {
    used.push(String(context.secrets["ring"]));
    await listen(context, ...rest);
  };
  const node = await begin(raven);
  await node.connect();
  await eventually(() => expect(listening()).toEqual([node]));
  await node.call("connection.update", { id: "tower", secrets: { ring: "silver" } });
  await eventually(() => expect(used).toEqual(["gold", "silver"]));
  const looked = vi.spyOn(node.connections, "list");
  await eventually(() => expect(looked.mock.calls.length).toBeGreaterThan(3));
  expect(used).toEqual(["gold", "silver"]);
  expect(listening()).toEqual([node]);
});
