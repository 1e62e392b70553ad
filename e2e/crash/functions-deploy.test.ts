import { setTimeout as pause } from "node:timers/promises";
import { buildRevision } from "@anywire/functions/runtime";
import type { DeploymentAnswer } from "@anywire/types";
import { expect, it, vi } from "vitest";
import { functionsDirectory } from "../support/functions-directory.ts";
import { callHttp, operatorToken, say } from "../support/http-call.ts";
import type { Reachable } from "../support/sdk-client.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { startCluster, withCluster } from "./cluster.ts";
import { EVENTUALLY, report } from "./cluster-load.ts";
import { startCrashingServer } from "./crashing-server.ts";
import { type RandomSeed, randomSeed } from "./random-seed.ts";

const ROUNDS = 8;
/** A server is killed before so many times the time that a deployment takes have passed: most times before it is done, and sometimes after. */
const LATEST_KILL = 1.5;
/** Enough that a canary has some of them, whichever share it has. */
const CHANNELS = Array.from({ length: 20 }, (_, i) => `production.group.room-${i}`);

type Node = ServerProcess & Reachable;
type Deployed = Pick<DeploymentAnswer, "active" | "canary">;

/** A revision whose function appends a mark to each message. */
async function marking(mark: string) {
  const { path } = await functionsDirectory({
    "sign.ts": `
import { beforePublish } from "@anywire/functions";

export default beforePublish("*.group.*", (event) => {
  event.message.text += "${mark}";
});
`,
  });
  return buildRevision(path);
}

async function call(node: Reachable, method: string, path: string, json?: unknown) {
  const { status, body } = await callHttp(node, await operatorToken(node), method, path, json);
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body;
}

/** Puts up a revision and has it run, on all channels or a part; what is deployed then, if it comes to that. */
async function deploy(
  node: Reachable,
  revision: Awaited<ReturnType<typeof marking>>,
  percent: number | null,
): Promise<void> {
  const { id } = await call(node, "POST", "/v1/revisions", { ...revision, note: "" });
  const decision =
    percent === null
      ? { action: "activate", revision: id }
      : { action: "canary", revision: id, percent };
  await call(node, "POST", "/v1/deployment", decision);
}

/** Has a node deploy something, and kills it meanwhile. Whether it had answered that it is done. */
async function killDuring(node: Node, deploying: Promise<void>, ms: number): Promise<boolean> {
  const answered = deploying.then(
    () => true,
    () => false,
  );
  await pause(ms);
  await node.kill();
  return answered;
}

/** What runs, as all nodes tell it once they agree. */
async function agreed(nodes: readonly Reachable[]): Promise<Deployed> {
  const tell = (node: Reachable): Promise<DeploymentAnswer> => call(node, "GET", "/v1/deployment");
  return vi.waitFor(async () => {
    const [first, ...others] = await Promise.all(nodes.map(tell));
    expect(first).toMatchObject({ source: "deployments", problems: [] });
    for (const other of others) expect(other).toEqual(first);
    return first as Deployed;
  }, EVENTUALLY);
}

/** What becomes of a message on each of some channels. */
async function textsAt(node: Reachable): Promise<string[]> {
  const token = await node.token("bob");
  return Promise.all(
    CHANNELS.map(async (channel) => {
      await say(node, channel, "hi");
      const path = `/v1/channels/${channel}/entries?order=desc&limit=1`;
      const { body } = await callHttp(node, token, "GET", path);
      return body.entries[0].data.text;
    }),
  );
}

/** What runs on all nodes, and that it does the same on each. */
async function assertAgree(nodes: readonly Reachable[], marks: ReadonlyMap<string, string>) {
  const deployed = await agreed(nodes);
  const [first = [], ...others] = await inTurn(nodes.map((node) => () => textsAt(node)));
  for (const other of others) expect(other).toEqual(first);
  const { active, canary } = deployed;
  const running = [active, canary?.revision ?? null].flatMap((id) => marks.get(id ?? "") ?? []);
  for (const mark of running) expect(first).toContain(`hi${mark}`);
  expect(new Set(first).size).toBe(running.length);
  return deployed;
}

/** Messages of two nodes at once would be told apart by nobody. */
async function inTurn<T>(works: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  for (const work of works) results.push(await work());
  return results;
}

/** Kills a node during each of some deployments, every second one a canary. Resolves with how many it had answered. */
async function killDuringDeployments(
  nodes: readonly [Node, ...Node[]],
  { upTo }: RandomSeed,
): Promise<number> {
  const first = await marking("0");
  const marks = new Map([[first.id, "0"]]);
  const from = performance.now();
  await deploy(nodes[0], first, null);
  const latestKillMs = Math.ceil(LATEST_KILL * (performance.now() - from));
  let before: Deployed = await assertAgree(nodes, marks);
  let answered = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const killed = nodes[round % nodes.length] ?? nodes[0];
    const revision = await marking(String(round));
    marks.set(revision.id, String(round));
    const percent = round % 2 === 0 ? 50 : null;
    const after: Deployed =
      percent === null
        ? { active: revision.id, canary: null }
        : { active: before.active, canary: { revision: revision.id, percent } };
    const deploying = deploy(killed, revision, percent);
    const isDone = await killDuring(killed, deploying, upTo(latestKillMs));
    if (isDone) answered += 1;
    await killed.start();
    const { active, canary } = await assertAgree(nodes, marks);
    expect(isDone ? [after] : [before, after]).toContainEqual({ active, canary });
    before = { active, canary };
  }
  return answered;
}

it("a server that is killed during a deployment runs what was decided when it is back, and what it had answered is decided", async () => {
  const random = randomSeed();
  const server = await startCrashingServer();
  const answered = await killDuringDeployments([server], random);
  report("kills during deployments", { seed: random.seed, kills: ROUNDS, answered });
}, 120_000);

withCluster(() => {
  it("kills during deployments and canaries leave all nodes with the same one, also a node that starts later", async () => {
    const random = randomSeed();
    const cluster = await startCluster();
    const nodes: [Node, Node] = [await cluster.startNode(), await cluster.startNode()];
    const answered = await killDuringDeployments(nodes, random);
    const later = await cluster.startNode();
    await agreed([...nodes, later]);
    expect(await textsAt(later)).toEqual(await textsAt(nodes[0]));
    report("kills during deployments in a cluster", {
      ...{ seed: random.seed, kills: ROUNDS, answered },
    });
  }, 180_000);
});
