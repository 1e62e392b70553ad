import type { Log } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FunctionBuildError, type Revision } from "../bundle/revision.ts";
import { DEPLOYMENTS_CHANNEL } from "./deployment-data.ts";
import {
  BACKENDS,
  type Backend,
  type DeploymentNode,
  makeRevision,
  type NodeOptions,
  startNode,
} from "./deployment-nodes.fixture.ts";
import type { DeploymentsOptions } from "./deployments-options.ts";
import { foldDeployment, NOTHING_DEPLOYED } from "./fold-deployment.ts";

const first = await makeRevision({ greet: "1", sms: "1" });
const second = await makeRevision({ greet: "2", digest: "1" });
const third = await makeRevision({ greet: "3" });

/** A log whose tail is far behind. */
function untold(log: Log): DeploymentsOptions["log"] {
  return {
    append: (draft) => log.append(draft),
    head: (pattern) => log.head(pattern),
    read: (query) => log.read(query),
    tail: () => ({ hearsAll: true, follow: async () => () => {}, stop: () => {} }),
  };
}

describe.each(["memory", "sqlite"] as const)("deployments on %s", (engine) => {
  let backend: Backend;
  let nodes: DeploymentNode[];

  beforeEach(async () => {
    backend = await BACKENDS[engine]();
    nodes = [];
  });

  afterEach(async () => {
    for (const node of nodes) await node.close();
    await backend.dispose();
  });

  async function start(options?: NodeOptions): Promise<DeploymentNode> {
    const node = await startNode(backend, options);
    nodes.push(node);
    return node;
  }

  async function startWith(...revisions: Revision[]): Promise<DeploymentNode> {
    const node = await start();
    for (const revision of revisions) await node.deployments.put(revision, "ann");
    const [active] = revisions;
    if (active !== undefined) await node.deployments.activate(active.id, "ann");
    return node;
  }

  test("before the first activation no function runs", async () => {
    const { deployments, ran } = await start();
    expect(ran.map(({ active }) => active.functions)).toEqual([[]]);
    expect(deployments.current()).toEqual({
      source: "deployments",
      active: null,
      canary: null,
      shadow: null,
      disabled: [],
      problems: [],
    });
  });

  test("a revision that was put up is known, and does not run", async () => {
    const { deployments, ran } = await start();
    const info = await deployments.put(first, "ann", "the first one");
    expect(info).toMatchObject({ id: first.id, functions: ["greet", "sms"], by: "ann" });
    await deployments.put(second, "bob");
    expect(deployments.revisions().map(({ id, note }) => [id, note])).toEqual([
      [second.id, ""],
      [first.id, "the first one"],
    ]);
    expect(ran).toHaveLength(1);
  });

  test("the same code again is the same revision", async () => {
    const { deployments, log } = await start();
    const info = await deployments.put(first, "ann");
    expect(await deployments.put(first, "bob", "again")).toEqual(info);
    const { entries } = await log.read({ pattern: DEPLOYMENTS_CHANNEL, limit: 10, order: "asc" });
    expect(entries).toHaveLength(1);
  });

  test("a revision whose id is not that of its code is refused", async () => {
    const { deployments } = await start();
    const wrong = { ...first, id: second.id };
    await expect(deployments.put(wrong, "ann")).rejects.toMatchObject({ code: "bad_request" });
    expect(deployments.revisions()).toEqual([]);
  });

  test("what is activated runs when it is done", async () => {
    const { deployments, ran } = await startWith(first);
    expect(ran.at(-1)?.active).toEqual(first);
    expect(deployments.current().active).toBe(first.id);
  });

  test("a function begins behind the entry that activated it", async () => {
    const { deployments, log, ran } = await startWith(first, second);
    const activated = await log.head(DEPLOYMENTS_CHANNEL);
    expect({ ...ran.at(-1)?.since }).toEqual({ greet: activated, sms: activated });
    await deployments.activate(second.id, "ann");
    const { greet, digest } = ran.at(-1)?.since ?? {};
    expect([greet, digest]).toEqual([activated, await log.head(DEPLOYMENTS_CHANNEL)]);
  });

  test("all nodes run what one decides", async () => {
    const one = await start();
    const other = await start();
    await one.deployments.put(first, "ann");
    await one.deployments.activate(first.id, "ann");
    await other.until(() => other.ran.at(-1)?.active.id === first.id);
    expect(other.ran.at(-1)).toEqual(one.ran.at(-1));
    await other.deployments.disable("sms", "bob");
    await one.until(() => one.ran.at(-1)?.disabled.length === 1);
    expect(one.ran.at(-1)).toEqual(other.ran.at(-1));
  });

  test("a node that was told of nothing yet can decide on what another has put up", async () => {
    const one = await start();
    const other = await start({ log: untold(one.log) });
    await one.deployments.put(first, "ann");
    await other.deployments.activate(first.id, "bob");
    expect(other.ran.at(-1)?.active).toEqual(first);
  });

  test("a node that starts later runs what was decided, at once", async () => {
    const one = await startWith(first, second);
    await one.deployments.canary({ revision: second.id, percent: 20 }, "ann");
    await one.deployments.disable("greet", "ann");
    const late = await start();
    expect(late.ran).toEqual([one.ran.at(-1)]);
    expect(late.deployments.current()).toEqual(one.deployments.current());
    expect(late.deployments.revisions()).toEqual(one.deployments.revisions());
  });

  test("back is what was active before", async () => {
    const { deployments, ran } = await startWith(first, second);
    await deployments.activate(second.id, "ann");
    await deployments.rollBack("bob");
    expect(ran.at(-1)?.active).toEqual(first);
    await expect(deployments.rollBack("bob")).rejects.toMatchObject({ code: "not_found" });
  });

  test("of two nodes that go back at once, one does", async () => {
    const one = await startWith(first, second);
    const other = await start();
    await one.deployments.activate(second.id, "ann");
    const both = await Promise.allSettled([
      one.deployments.rollBack("ann"),
      other.deployments.rollBack("bob"),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    for (const { ran, until } of [one, other]) {
      await until(() => ran.at(-1)?.active.id === first.id);
    }
    const { entries } = await one.log.read({
      pattern: DEPLOYMENTS_CHANNEL,
      limit: 9,
      order: "asc",
    });
    expect(entries.reduce(foldDeployment, NOTHING_DEPLOYED)).toMatchObject({ active: first.id });
  });

  test("part of the channels has a canary, until it ends or is activated", async () => {
    const { deployments, ran } = await startWith(first, second);
    const canary = { revision: second.id, percent: 5 };
    await deployments.canary(canary, "ann");
    expect(ran.at(-1)).toMatchObject({ active: first, canary: { revision: second, percent: 5 } });
    expect(deployments.current().canary).toEqual(canary);
    await deployments.canary(null, "ann");
    expect(ran.at(-1)).not.toHaveProperty("canary");
    await deployments.canary(canary, "ann");
    await deployments.activate(second.id, "ann");
    expect(ran.at(-1)).toMatchObject({ active: second });
    expect(deployments.current().canary).toBeNull();
  });

  test("a shadow runs beside the active revision until it ends", async () => {
    const { deployments, ran } = await startWith(first, second);
    await deployments.shadow(second.id, "ann");
    expect(ran.at(-1)).toMatchObject({ active: first, shadow: second });
    expect(deployments.current().shadow).toBe(second.id);
    await deployments.shadow(null, "ann");
    expect(ran.at(-1)).not.toHaveProperty("shadow");
  });

  test("a function that is disabled does not run until it is enabled", async () => {
    const { deployments, log, ran } = await startWith(first);
    await deployments.disable("sms", "ann");
    expect(ran.at(-1)?.disabled).toEqual(["sms"]);
    await deployments.enable("sms", "ann", { fromNow: true });
    expect(ran.at(-1)?.disabled).toEqual([]);
    expect(ran.at(-1)?.since["sms"]).toBe(await log.head(DEPLOYMENTS_CHANNEL));
  });

  test("decisions about what is not there are refused", async () => {
    const { deployments, log } = await startWith(first);
    const head = await log.head(DEPLOYMENTS_CHANNEL);
    const missing = { code: "not_found" };
    const { id } = second;
    await expect(deployments.activate(id, "ann")).rejects.toMatchObject(missing);
    await expect(deployments.shadow(id, "ann")).rejects.toMatchObject(missing);
    await expect(deployments.canary({ revision: id, percent: 5 }, "ann")).rejects.toMatchObject(
      missing,
    );
    await expect(deployments.disable("digest", "ann")).rejects.toMatchObject(missing);
    await expect(deployments.enable("digest", "ann")).rejects.toMatchObject(missing);
    await expect(deployments.askReplay("digest", "ann")).rejects.toMatchObject(missing);
    expect(await log.head(DEPLOYMENTS_CHANNEL)).toBe(head);
  });

  test("every node hears that dead letters are to be handled again, and one that starts later does not", async () => {
    const one = await startWith(first);
    const other = await start();
    await one.deployments.askReplay("sms", "ann");
    await one.deployments.askReplay("sms", "ann", 7);
    await other.until(() => other.replays.length === 2);
    const late = await start();
    expect([one.replays, other.replays, late.replays]).toEqual([
      [
        ["sms", undefined],
        ["sms", 7],
      ],
      [
        ["sms", undefined],
        ["sms", 7],
      ],
      [],
    ]);
  });

  test("a revision that cannot be loaded: what ran before goes on, and everybody is told", async () => {
    const one = await startWith(first, second);
    const other = await start();
    for (const { broken } of [one, other]) broken.add(second.id);
    const activating = one.deployments.activate(second.id, "ann");
    await expect(activating).rejects.toBeInstanceOf(FunctionBuildError);
    await other.until(() => other.errors.length > 0);
    for (const { deployments, ran, errors } of [one, other]) {
      expect(ran.at(-1)?.active).toEqual(first);
      const { active, problems } = deployments.current();
      expect(active).toBe(first.id);
      expect(problems.join("\n")).toContain(`${second.id}.ts:1:2: exports no function`);
      expect(errors.map(({ message }) => message)).toEqual([problems.join("\n")]);
    }
  });

  test("after a restart, too, what ran before a revision that cannot be loaded goes on", async () => {
    const one = await startWith(first, second);
    await one.deployments.activate(second.id, "ann");
    const late = await start({ broken: [second.id] });
    expect(late.ran.map(({ active }) => active)).toEqual([first]);
    expect(late.deployments.current().active).toBe(first.id);
    await late.deployments.rollBack("ann");
    expect(late.deployments.current()).toMatchObject({ active: first.id, problems: [] });
  });

  test("one does not go back to a revision that could not be loaded", async () => {
    const { deployments, broken, ran } = await startWith(first, second, third);
    broken.add(second.id);
    const activating = deployments.activate(second.id, "ann");
    await expect(activating).rejects.toBeInstanceOf(FunctionBuildError);
    await deployments.activate(third.id, "ann");
    await deployments.rollBack("ann");
    expect(ran.at(-1)?.active).toEqual(first);
  });

  test("a canary that cannot be loaded is left out, and stands in the way of nothing else", async () => {
    const { deployments, broken, ran } = await startWith(first, second, third);
    broken.add(second.id);
    const choice = { revision: second.id, percent: 5 };
    await expect(deployments.canary(choice, "ann")).rejects.toBeInstanceOf(FunctionBuildError);
    await deployments.disable("sms", "ann");
    await deployments.shadow(third.id, "ann");
    expect(ran.at(-1)).toMatchObject({ active: first, shadow: third, disabled: ["sms"] });
    expect(deployments.current().canary).toBeNull();
  });

  test("a revision that was put up by a node that died in between can be put up again", async () => {
    const one = await start();
    const other = await start();
    const { append } = one.log;
    one.log.append = () => Promise.reject(new Error("killed"));
    await expect(one.deployments.put(first, "ann")).rejects.toThrow();
    one.log.append = append;
    await other.deployments.put(first, "ann");
    await other.deployments.activate(first.id, "ann");
    expect(other.ran.at(-1)?.active).toEqual(first);
  });

  test("what others write on the channel changes nothing", async () => {
    const { deployments, log, ran } = await startWith(first);
    const entry = {
      channel: DEPLOYMENTS_CHANNEL,
      kind: "deployment",
      sender: "account:x",
    } as const;
    for (const dataJson of [
      "null",
      '{"action":"explode"}',
      '{"action":"activate","revision":"no"}',
    ]) {
      await log.append({ ...entry, id: createEntryId(), dataJson });
    }
    await deployments.disable("sms", "ann");
    expect(ran.at(-1)).toMatchObject({ active: first, disabled: ["sms"] });
  });

  test("of many decisions in a row only the last one needs to be loaded", async () => {
    const one = await startWith(first, second, third);
    const slow = await start();
    const { promise, resolve } = Promise.withResolvers<void>();
    slow.hold(promise);
    for (const { id } of [second, first, second, first, third]) {
      await one.deployments.activate(id, "ann");
    }
    await slow.deployments.askReplay("greet", "ann");
    resolve();
    await slow.until(() => slow.ran.at(-1)?.active.id === third.id);
    expect(slow.ran.length).toBeLessThanOrEqual(3);
  });

  test("before the start and after the end every decision is refused", async () => {
    const node = await startWith(first);
    await node.deployments.close();
    const ended = { code: "unavailable" };
    await expect(node.deployments.activate(first.id, "ann")).rejects.toMatchObject(ended);
    await expect(node.deployments.disable("sms", "ann")).rejects.toMatchObject(ended);
  });
});
