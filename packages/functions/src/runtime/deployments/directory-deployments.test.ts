import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FunctionBuildError } from "../bundle/revision.ts";
import {
  BACKENDS,
  createNode,
  type DeploymentNode,
  makeRevision,
  type NodeOptions,
} from "./deployment-nodes.fixture.ts";

let root: string;
let directory: string;
let node: DeploymentNode;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "anywire-directory-"));
  directory = join(root, "functions");
  await mkdir(directory);
  node = await create();
});

afterEach(async () => {
  await node.close();
  await rm(root, { recursive: true });
});

async function create(options: NodeOptions = {}): Promise<DeploymentNode> {
  const backend = await BACKENDS.memory();
  const [log, blobs] = [backend.createLog(), backend.createBlobs()];
  await Promise.all([log.start(), blobs.start()]);
  return createNode(log, blobs, { directory, ...options });
}

async function write(name: string, code = "export default 1;\n"): Promise<void> {
  const draft = join(root, "draft");
  await writeFile(draft, code);
  await rename(draft, join(directory, `${name}.ts`));
}

/** Something happens that functions could be run for. */
async function happen(): Promise<number> {
  const entry = { channel: "production.group.team", id: createEntryId(), kind: "message" } as const;
  const appended = await node.log.append({ ...entry, sender: "account:bob", dataJson: "{}" });
  return appended.entry.offset;
}

function functionsOf({ ran }: DeploymentNode): string | undefined {
  return ran
    .at(-1)
    ?.active.functions.map(({ name }) => name)
    .join(" ");
}

test("the files run, and what is active is theirs", async () => {
  await write("greet");
  await node.deployments.start();
  expect(functionsOf(node)).toBe("greet");
  const { source, active, problems } = node.deployments.current();
  expect([source, active, problems]).toEqual(["directory", node.ran.at(-1)?.active.id, []]);
  await write("sms");
  await node.until(() => functionsOf(node) === "greet sms");
});

test("functions that were there at the start go on, one that comes begins then", async () => {
  await happen();
  await write("greet");
  await node.deployments.start();
  const head = await happen();
  await write("sms");
  await node.until(() => functionsOf(node) === "greet sms");
  expect({ ...node.ran.at(-1)?.since }).toEqual({ sms: head });
  await rm(join(directory, "greet.ts"));
  await node.until(() => functionsOf(node) === "sms");
  const later = await happen();
  await write("greet");
  await node.until(() => functionsOf(node) === "greet sms");
  expect({ ...node.ran.at(-1)?.since }).toEqual({ sms: head, greet: later });
});

test("functions are disabled and enabled as elsewhere", async () => {
  await write("greet");
  await node.deployments.start();
  await node.deployments.disable("greet", "ann");
  expect(node.ran.at(-1)?.disabled).toEqual(["greet"]);
  await node.deployments.enable("greet", "ann", { fromNow: true });
  expect(node.ran.at(-1)).toMatchObject({
    disabled: [],
    since: { greet: await node.log.head(">") },
  });
  await write("late");
  await node.until(() => functionsOf(node) === "greet late");
  await node.deployments.enable("late", "ann", { fromNow: true });
  expect(node.ran.at(-1)?.since["late"]).toBe(await node.log.head(">"));
  await expect(node.deployments.disable("sms", "ann")).rejects.toMatchObject({ code: "not_found" });
  await node.deployments.askReplay("greet", "ann", 3);
  expect(node.replays).toEqual([["greet", 3]]);
});

test("revisions are refused, with what to do instead", async () => {
  await node.deployments.start();
  const revision = await makeRevision({ greet: "1" });
  const { deployments } = node;
  for (const decide of [
    () => deployments.put(revision, "ann"),
    () => deployments.activate(revision.id, "ann"),
    () => deployments.rollBack("ann"),
    () => deployments.canary({ revision: revision.id, percent: 5 }, "ann"),
    () => deployments.shadow(revision.id, "ann"),
  ]) {
    await expect(decide()).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining(directory),
    });
  }
});

test("files that break: what ran goes on, also when something else is decided meanwhile", async () => {
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  await node.close();
  node = await create({
    onProblems: ([problem]) => {
      told.push(`${problem?.file}:${problem?.line}`);
      resolve();
    },
  });
  await write("greet");
  await node.deployments.start();
  await write("greet", "export default (;\n");
  await promise;
  expect(told).toEqual(["greet.ts:1"]);
  await node.deployments.disable("greet", "ann");
  expect(functionsOf(node)).toBe("greet");
  const { problems } = node.deployments.current();
  expect(problems).toEqual([expect.stringMatching(/^greet\.ts:1:\d+: /)]);
  expect(node.errors).toEqual([]);
});

test("files that cannot be loaded: what ran goes on, and they are told as problems", async () => {
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const ran: string[] = [];
  let tries = 0;
  await node.close();
  node = await create({
    onDeployment: async ({ active, disabled }) => {
      const [code = ""] = active.functions.map((one) => one.code);
      if (code.includes("broken")) {
        tries += 1;
        throw new FunctionBuildError([{ file: "greet.ts", line: 1, column: 1, text: "throws" }]);
      }
      ran.push([...active.functions.map(({ name }) => name), ...disabled].join(" "));
    },
    onProblems: (problems) => {
      told.push(...problems.map(({ text }) => text));
      resolve();
    },
  });
  await write("greet");
  await node.deployments.start();
  await write("greet", 'throw "broken";\n');
  await promise;
  expect(told).toEqual(["throws"]);
  await node.deployments.disable("greet", "ann");
  expect(ran.at(-1)).toBe("greet greet");
  expect(tries).toBe(1);
  expect(node.deployments.current().problems).toEqual(["greet.ts:1:1: throws"]);
  expect(node.errors).toEqual([]);
});

test("files that are broken at the start: no function runs, and what is disabled is", async () => {
  await write("greet", "export default (;\n");
  await node.deployments.start();
  expect(functionsOf(node)).toBe("");
  expect(node.deployments.current().problems).toHaveLength(1);
});
