import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildRevision } from "../bundle/build-revision.ts";
import { functionsDirectory } from "../bundle/functions-directory.fixture.ts";
import type { Revision } from "../bundle/revision.ts";
import { createFunctionPool } from "../pool/create-function-pool.ts";
import type { Deployment } from "./deployment.ts";
import { BOB, eventually, HOST_BACKENDS, type HostBackend, HostNode } from "./host-node.fixture.ts";

const SMS = "production.sms.123";

/** A file that exports such a function. */
function file(factory: string, bound: string, handler: string, options = "{}"): string {
  return `import { ${factory} } from "@anywire/functions";
export default ${factory}(${JSON.stringify(bound)}, ${handler}, ${options});`;
}

describe.each(Object.keys(HOST_BACKENDS))("functions in workers, on %s", (engine) => {
  let backend: HostBackend;
  let nodes: HostNode[];
  let node: HostNode;

  beforeEach(async () => {
    backend = await HOST_BACKENDS[engine as keyof typeof HOST_BACKENDS]();
    nodes = [];
    node = await startNode();
  });

  afterEach(async () => {
    for (const one of nodes) await one.close();
    await backend.dispose();
  });

  async function startNode(): Promise<HostNode> {
    const one = new HostNode(backend, {
      createPool: createFunctionPool,
      secrets: { token: "s3cret" },
      limits: { maxKeys: 3 },
    });
    nodes.push(one);
    await one.start();
    return one;
  }

  function build(files: Readonly<Record<string, string>>): Promise<Revision> {
    return buildRevision(functionsDirectory(files), { isLocal: true });
  }

  async function deploy(
    files: Readonly<Record<string, string>>,
    rest: Partial<Deployment> = {},
    on: HostNode = node,
  ): Promise<void> {
    await on.host.deploy({ active: await build(files), disabled: [], since: {}, ...rest });
  }

  test("a message on a channel that matches runs the function, which hands it on; one elsewhere does not", async () => {
    await deploy({
      "hand-on.ts": file(
        "afterPublish",
        "*.sms.*",
        `async (event, { publish, secrets, log }) => {
          log.info("with " + (await secrets.get("token")), { event: event.id });
          await publish("production.group.desk", "From " + event.channelId + ": " + event.message.text);
        }`,
      ),
    });
    await node.say("production.group.1", "not this");
    await node.say(SMS, "hello", "m1");
    await eventually(async () =>
      expect(await node.texts("production.group.desk")).toEqual(["From 123: hello"]),
    );
    expect(await node.logged(1)).toMatchObject([
      {
        ...{ function: "hand-on", level: "info", text: "with ***", fields: { event: "m1" } },
        ...{ channel: SMS, trace: { id: "m1", via: [] }, attempt: 1 },
      },
    ]);
    const { entries } = await node.stores.log.read({
      ...{ pattern: "production.group.desk", limit: 1, order: "asc" },
    });
    expect(entries[0]).toMatchObject({
      sender: "function:hand-on",
      trace: { id: "m1", via: ["hand-on"] },
    });
  });

  test("before functions change, refuse and reroute", async () => {
    await deploy({
      "a-change.ts": file("beforePublish", "*.sms.*", `(event) => { event.message.text += "!"; }`),
      "b-refuse.ts": file(
        "beforePublish",
        "*.sms.*",
        `(event) => event.message.text.includes("rude") ? event.abort("be polite") : event.ok()`,
      ),
      "c-route.ts": file(
        "beforePublish",
        "*.sms.*",
        `(event) => event.message.text.startsWith("help") ? event.reroute("production.group.help") : undefined`,
      ),
    });
    await node.say(SMS, "hello");
    expect((await node.say(SMS, "help me")).channel).toBe("production.group.help");
    await expect(node.say(SMS, "rude")).rejects.toMatchObject({
      code: "function_aborted",
      message: "be polite",
      details: { function: "b-refuse" },
    });
    expect(await node.texts("production.>")).toEqual(["hello!", "help me!"]);
  });

  test("many messages at once keep their order on each channel", async () => {
    await deploy({
      "slow.ts": file(
        "beforePublish",
        "*.sms.*",
        `async (event) => {
          for (let i = 0; i < event.message.text.length % 7; i += 1) await new Promise(setImmediate);
        }`,
      ),
    });
    const texts = Array.from({ length: 200 }, (_, i) => `${"x".repeat(i % 13)} ${i}`);
    await Promise.all(texts.map((text, i) => node.say(`production.sms.${i % 4}`, text)));
    for (const channel of [0, 1, 2, 3]) {
      const expected = texts.filter((_, i) => i % 4 === channel);
      expect(await node.texts(`production.sms.${channel}`)).toEqual(expected);
    }
  });

  test("an endless loop ends at its deadline: deny refuses, allow lets pass, others go on", async () => {
    const loop = "() => { for (;;); }";
    await deploy({
      "deny.ts": file("beforePublish", "*.sms.deny", loop, "{ deadlineMs: 200 }"),
      "allow.ts": file(
        "beforePublish",
        "*.sms.allow",
        loop,
        '{ deadlineMs: 200, onFailure: "allow" }',
      ),
      "fine.ts": file("beforePublish", "*.group.*", `(event) => { event.message.text += "!"; }`),
    });
    const denied = node.say("production.sms.deny", "hello").catch((error: unknown) => error);
    const allowed = node.say("production.sms.allow", "hello");
    await node.say("production.group.1", "hello");
    expect(await denied).toMatchObject({
      code: "function_failed",
      details: { function: "deny", failure: "late" },
    });
    await allowed;
    expect(await node.texts("production.sms.*")).toEqual(["hello"]);
    expect(await node.texts("production.group.*")).toEqual(["hello!"]);
    const failures = (await node.logged(2)).map(({ function: name, error }) => [
      name,
      error?.failure,
    ]);
    expect(failures.sort()).toEqual([
      ["allow", "late"],
      ["deny", "late"],
    ]);
  });

  test("what fails is tried again, given up, and handled once more by the next revision", async () => {
    const options = "{ maxAttempts: 2, minBackoffMs: 1 }";
    await deploy({
      "a.ts": file(
        "afterPublish",
        "*.sms.*",
        `() => { throw new TypeError("no s3cret"); }`,
        options,
      ),
    });
    const entry = await node.say(SMS, "hello");
    const letters = await eventually(async () => {
      const found = await node.host.deadLetters("a", 0, 10);
      expect(found.length).toBe(1);
      return found;
    });
    expect(letters[0]).toMatchObject({
      entry: { offset: entry.offset },
      attempts: 2,
      error: expect.stringContaining("no ***"),
    });
    expect((await node.logged(2))[1]).toMatchObject({
      level: "error",
      text: expect.stringMatching(/^given up after 2 attempts: .*no \*\*\*/),
      error: { failure: "threw", stack: expect.stringContaining("a.ts:2") },
    });
    await deploy({
      "a.ts": file(
        "afterPublish",
        "*.sms.*",
        `async (event, { publish }) => void (await publish("production.group.1", "handled"))`,
        options,
      ),
    });
    expect(await node.host.replay("a")).toEqual({ replayed: 1, failed: 0, isElsewhere: false });
    expect(await node.texts("production.group.1")).toEqual(["handled"]);
  });

  test("functions that call each other are stopped, and named", async () => {
    const to = (channel: string): string =>
      file(
        "afterPublish",
        channel === "a" ? "*.sms.b" : "*.sms.a",
        `async (event, { publish }) => void (await publish("production.sms.${channel}", "again"))`,
        "{ maxAttempts: 1 }",
      );
    await deploy({ "ping.ts": to("b"), "pong.ts": to("a") });
    await node.say("production.sms.a", "go");
    const [line] = await node.logged(1);
    expect(line?.text).toContain("ping → pong → ping");
    expect((await node.texts("production.sms.>")).length).toBe(17);
  });

  test("calls that may not be made are refused where they are made", async () => {
    await deploy({
      "a.ts": file(
        "beforePublish",
        "*.sms.*",
        `async (event, { publish, kv }) => {
          const codes = [];
          const note = (error) => codes.push(error.code);
          await publish("staging.sms.1", "hello").catch(note);
          await kv.set("", 1).catch(note);
          await kv.set("a", "x".repeat(70_000)).catch(note);
          for (const key of ["a", "b", "c", "d"]) await kv.set(key, 1).catch(note);
          event.message.text = codes.join();
        }`,
      ),
    });
    await node.say(SMS, "hello");
    expect(await node.texts(SMS)).toEqual([
      "permission_denied,bad_request,too_large,limit_exceeded",
    ]);
  });

  test("after a restart it goes on where it stopped", async () => {
    const files = {
      "a.ts": file(
        "afterPublish",
        "*.sms.*",
        `async (event, { kv }) => void (await kv.increment("seen " + event.id))`,
      ),
    };
    await deploy(files);
    await node.say(SMS, "one", "one");
    await eventually(() => expect(node.runs.length).toBe(1));
    await node.host.close();
    const other = await startNode();
    await other.say(SMS, "two", "two");
    await deploy(files, {}, other);
    await other.say(SMS, "three", "three");
    await eventually(() => expect(other.runs.length).toBe(2));
    const { items } = await other.stores.kv.list({ prefix: "fn.", limit: 10 });
    expect(items.map(({ key, value }) => [key, value])).toEqual([
      ["fn.production.seen one", "1"],
      ["fn.production.seen three", "1"],
      ["fn.production.seen two", "1"],
    ]);
  });

  test("signals and who comes and goes are seen at least once, also after a failure", async () => {
    const options = "{ minBackoffMs: 1 }";
    const handler = (what: string): string => `async (event, { publish }) => {
      if (event.attempt === 1) throw new Error("not yet");
      await publish("production.group.1", ${what});
    }`;
    await deploy({
      "signalled.ts": file("afterSignal", "*.sms.*", handler("event.kind + event.data.n"), options),
      "present.ts": file(
        "afterPresence",
        "*.sms.*",
        handler('event.accountId + " " + event.action'),
        options,
      ),
      "asked.ts": file("beforeSignal", "*.sms.*", "(event) => event.ok({ n: event.data.n + 1 })"),
    });
    await node.pipeline.signal(BOB, { channel: SMS, client: "c1", kind: "typing", data: { n: 1 } });
    await node.host.onPresence({ action: "join", channel: SMS, accountId: "ann", client: "c2" });
    await eventually(async () =>
      expect((await node.texts("production.group.1")).sort()).toEqual(["ann join", "typing2"]),
    );
  });

  test("what the shadow does otherwise is told, and does not happen", async () => {
    const files = (text: string) => ({
      "a.ts": file(
        "afterPublish",
        "*.sms.*",
        `async (event, { publish, kv }) => {
          const n = await kv.increment(event.id);
          await publish("production.group.1", "${text}");
          return event.ok();
        }`,
      ),
    });
    const shadow = await build(files("two"));
    await deploy(files("one"), { shadow });
    await node.say(SMS, "hello", "m1");
    const [line] = await node.logged(1);
    expect(line).toMatchObject({
      ...{ level: "warn", revision: shadow.id },
      fields: {
        active: { effects: [{ method: "kv.increment" }, { args: ["production.group.1", "one"] }] },
        shadow: { effects: [{ method: "kv.increment" }, { args: ["production.group.1", "two"] }] },
      },
    });
    expect(await node.texts("production.group.1")).toEqual(["one"]);
    await deploy(files("one"), { shadow: await build(files("one")) });
    await node.say(SMS, "hello", createEntryId());
    await eventually(() => expect(node.runs.filter(({ isShadow }) => isShadow).length).toBe(2));
    expect((await node.host.list())[0]?.stats).toMatchObject({ runs: 2, differences: 1 });
  });
});
