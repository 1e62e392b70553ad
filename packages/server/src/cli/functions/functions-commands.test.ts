import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../config/load-config.ts";
import { createLogger } from "../../logging.ts";
import type { RunningServer } from "../../server.ts";
import { startServer } from "../../start-server.ts";
import { loadOrCreateServerKeys } from "../../tokens/server-keys.ts";
import { startCli, type TestRun } from "../start-cli.fixture.ts";

/** Refuses long messages, and tells its log of all. */
function smsLength(limit: number): string {
  return `
import { beforePublish } from "@anywire/functions";

export default beforePublish("*.sms.*", (event, { log, kv }) => {
  const { length } = event.message.text;
  log.info("looked at", { length });
  if (length > 100) log.warn("very long");
  if (event.message.text === "boom") throw new Error("out of ideas");
  void kv;
  if (length > ${limit}) return event.abort("too long for SMS");
});
`;
}

const COUNTER = `
import { afterPublish } from "@anywire/functions";

export default afterPublish("*.group.*", async (event, { kv, publish }) => {
  if (event.message.text === "fail") throw new Error("no network");
  await kv.increment("count", 2);
}, { maxAttempts: 1 });
`;

let directory: string;
let server: RunningServer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-functions-"));
  const { config } = await loadConfig({
    directory,
    environment: {},
    presets: { engine: "memory", data: { directory }, http: { port: 0 } },
  });
  server = await startServer({
    config,
    keySet: await loadOrCreateServerKeys(config),
    logger: createLogger({ level: "silent", format: "json" }),
  });
  await writeFunctions("functions", { "sms-length.ts": smsLength(10), "counter.ts": COUNTER });
  await run("deploy", "functions", "--note", "first");
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

async function writeFunctions(folder: string, files: Record<string, string>): Promise<void> {
  await mkdir(join(directory, folder), { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    await writeFile(join(directory, folder, file), text);
  }
}

function start(...args: readonly string[]): TestRun {
  return startCli(["functions", ...args, "--data", directory, "--url", server.url], { directory });
}

async function run(...args: readonly string[]) {
  const started = start(...args);
  const code = await started.exitCode;
  return { code, out: started.out.join("\n"), err: started.err.join("\n") };
}

/** What a command answers as JSON. */
async function json(...args: readonly string[]) {
  const { code, out, err } = await run(...args, "--json");
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

async function publish(channel: string, text: string): Promise<void> {
  const args = ["publish", channel, text, "--data", directory, "--url", server.url];
  await startCli(args, { directory }).exitCode;
}

describe("list", () => {
  test("tells what each function is bound to and which revision runs", async () => {
    const { code, out } = await run("list");
    expect(code).toBe(0);
    const [head, counter, sms, blank, active] = out.split("\n");
    expect(head).toMatch(/^NAME +TRIGGER +BOUND TO +STATE +RUNS +ERRORS/);
    expect(counter).toMatch(/^counter +afterPublish +\*\.group\.\* +running +0 +0/);
    expect(sms).toMatch(/^sms-length +beforePublish +\*\.sms\.\* +running/);
    expect([blank, active]).toEqual(["", expect.stringMatching(/^Active +\w{26} \(deployed\)$/)]);
    expect(await json("list")).toMatchObject({
      functions: [{ name: "counter" }, { name: "sms-length" }],
      deployment: { source: "deployments" },
    });
  });

  test("says what to do when the token is not good for it, and when no server answers", async () => {
    const args = ["token", "--account", "bob", "--data", directory];
    const issued = startCli(args, { directory });
    await issued.exitCode;
    const refused = await run("list", "--token", issued.out.join());
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("anywire.system.*") });
    const alone = startCli(
      ["functions", "list", "--data", directory, "--url", "http://127.0.0.1:9"],
      { directory },
    );
    expect([await alone.exitCode, alone.err.join()]).toEqual([
      1,
      expect.stringMatching(/no server answers/),
    ]);
  });
});

describe("run", () => {
  test("prints what the function logged, decided and would have changed", async () => {
    const event = '{"message":{"text":"far too long for that"}}';
    const { code, out } = await run("run", "sms-length", "--event", event);
    expect(code).toBe(0);
    const [logged, decided, took] = out.split("\n");
    expect(logged).toMatch(/info {3}looked at {2}length=21$/);
    expect(decided).toBe("abort { reason: 'too long for SMS' }");
    expect(took).toMatch(/^\d+\.\d ms$/);
    const counted = await run("run", "counter");
    expect(counted.out).toContain("would kv.increment('count', 2");
    expect(counted.out).toContain("ok");
  });

  test("takes the event from a file, and fails with the place when the function does", async () => {
    await writeFile(join(directory, "event.json"), '{"message":{"text":"boom"}}');
    const { code, err } = await run("run", "sms-length", "--event", "event.json");
    expect(code).toBe(1);
    expect(err).toMatch(/sms-length failed \(threw\): .*out of ideas.*sms-length\.ts:8/s);
  });

  test.each([
    ["{", /--event is no JSON/],
    ["nowhere.json", /nowhere\.json can't be read: name a file/],
    ["[1", /can't be read/],
  ])("an event %j is a wrong use", async (event, message) => {
    expect(await run("run", "sms-length", "--event", event)).toMatchObject({
      code: 2,
      err: expect.stringMatching(message),
    });
  });

  test("says that there is no such function", async () => {
    expect(await run("run", "nothing")).toMatchObject({
      code: 1,
      err: expect.stringContaining("not_found"),
    });
  });
});

describe("logs", () => {
  test("prints what functions say, from a while ago on, of a level and a function", async () => {
    await publish("production.sms.1", "hi");
    await publish("production.sms.1", "x".repeat(101));
    const all = start("logs", "--since", "1h", "--limit", "2");
    expect(await all.exitCode).toBe(0);
    expect(all.out[0]).toMatch(
      /info +sms-length {2}looked at {2}length=2 {2}channel=production\.sms\.1$/,
    );
    const warnings = start("logs", "--since", "1h", "--level", "warn", "--limit", "1");
    expect(await warnings.exitCode).toBe(0);
    expect(warnings.out.join()).toMatch(/warn +sms-length {2}very long/);
  });

  test("failures come with their place, and lines as they are said", async () => {
    await publish("production.sms.2", "boom");
    const args = ["--function", "sms-length", "--level", "error", "--since", "1h", "--limit", "2"];
    const following = start("logs", ...args);
    expect(await following.line(/error/)).toMatch(
      /error +sms-length.*\n.*out of ideas.*\n.*sms-length\.ts:8/,
    );
    await publish("production.sms.3", "boom");
    expect(await following.exitCode).toBe(0);
    expect(following.out[1]).toContain("channel=production.sms.3");
  });
});

describe("disable, enable and replay", () => {
  test("a disabled function does not run until it is enabled", async () => {
    expect(await run("disable", "sms-length")).toMatchObject({
      code: 0,
      out: "sms-length is disabled.",
    });
    expect((await run("list")).out).toMatch(/sms-length .* disabled.*Disabled +sms-length/s);
    expect(await json("enable", "sms-length", "--from-now")).toMatchObject({ disabled: [] });
    expect(await run("disable", "nothing")).toMatchObject({ code: 1 });
  });

  test("what a function was given up on is handled once more, and kept when it fails again", async () => {
    await publish("production.group.lobby", "fail");
    const given = start(
      "logs",
      "--function",
      "counter",
      "--level",
      "error",
      "--since",
      "1h",
      "--limit",
      "1",
    );
    await given.exitCode;
    expect(given.out.join()).toMatch(/error +counter/);
    const listed = await run("dead-letters", "counter");
    const [head, letter, ...others] = listed.out.split("\n");
    expect([listed.code, others]).toEqual([0, []]);
    expect(head).toMatch(/^OFFSET +GIVEN UP \(UTC\) +CHANNEL +ATTEMPTS +ERROR$/);
    expect(letter).toMatch(/^\d+ .* production\.group\.\S+ +1 +threw: no network$/);
    const { deadLetters } = await json("dead-letters", "counter");
    const { offset } = deadLetters[0].entry;
    const rest = await run("dead-letters", "counter", "--after", `${offset}`);
    expect(rest.out).toMatch(/^OFFSET.*ERROR$/);
    const again = await run("replay", "counter", "--offset", `${offset}`);
    expect(again).toMatchObject({
      code: 1,
      err: expect.stringMatching(/1 failed once more and are kept/),
    });
    expect(await run("replay", "sms-length")).toMatchObject({ code: 1 });
  });
});

describe("deployments", () => {
  test("what is deployed is a revision, which can be taken back, tried on a part and compared", async () => {
    const { deployment } = await json("list");
    const first: string = deployment.active;
    await writeFunctions("next", { "sms-length.ts": smsLength(20) });
    const put = await run("deploy", "next", "--note", "longer", "--no-activate");
    expect(put).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\w{26} is put up: sms-length\.$/),
    });
    const second = put.out.slice(0, 26);
    const revisions = await run("revisions");
    expect(revisions.out).toMatch(
      new RegExp(`^REVISION.*\\n${second} .* cli +1 +longer\\n${first} .* 2 +first$`),
    );

    const canary = await run("canary", second.slice(0, 20), "--percent", "25");
    expect(canary.out).toContain(`Canary   ${second} on 25 of 100 channels`);
    expect(await json("canary")).toMatchObject({ canary: null });
    expect(await json("shadow", second)).toMatchObject({ shadow: second });
    expect(await json("shadow")).toMatchObject({ shadow: null });
    expect(await json("activate", second)).toMatchObject({ active: second });
    expect(await json("rollback")).toMatchObject({ active: first });
    expect(await run("activate", "zzz")).toMatchObject({
      code: 2,
      err: expect.stringContaining("no revision begins"),
    });
    expect(await run("activate", "")).toMatchObject({
      code: 2,
      err: expect.stringContaining("more than one"),
    });
    expect(await run("canary", second, "--percent", "100")).toMatchObject({ code: 2 });
  });

  test("code that can't be bundled is told with its place, and nothing is put up", async () => {
    await writeFunctions("broken", { "bad.ts": "export default (" });
    const broken = await run("deploy", "broken");
    expect(broken).toMatchObject({ code: 1, out: "" });
    expect(broken.err).toMatch(/can't be bundled:\nbad\.ts:1:\d+: /);
    await writeFunctions("empty", {});
    expect((await run("deploy", "empty")).err).toMatch(/there is no function in .*empty/);
    expect((await run("deploy", "missing")).err).toMatch(/no such directory/);
  });

  test("code that can't be loaded is refused by the server, and what ran goes on", async () => {
    await writeFunctions("useless", { "useless.ts": "export default 42;" });
    const before = await json("list");
    const { code, err } = await run("deploy", "useless");
    expect(code).toBe(1);
    expect(err).toMatch(/useless\.ts/);
    expect((await json("list")).functions).toEqual(before.functions);
  });
});

describe("new", () => {
  test("writes a function that works, and does not write over one", async () => {
    const write = async (...args: readonly string[]) => {
      const started = startCli(["functions", "new", ...args], { directory });
      const code = await started.exitCode;
      return { code, out: started.out.join("\n"), err: started.err.join("\n") };
    };
    const made = await write("greeter", "--pattern", "*.direct.*");
    expect(made.out).toBe("✓ functions/greeter.ts\n✓ functions/greeter.test.ts");
    const text = await readFile(join(directory, "functions", "greeter.ts"), "utf8");
    expect(text).toContain('export default beforePublish("*.direct.*", async (event');
    expect(await write("greeter")).toMatchObject({
      code: 1,
      err: expect.stringContaining("is there already"),
    });
    expect(await write("../greeter")).toMatchObject({ code: 2 });
    expect(await write("x", "--trigger", "onNothing")).toMatchObject({
      code: 2,
      err: expect.stringContaining("onCron"),
    });
    // It wrote a file that could not be loaded.
    expect(await write("hooks", "--trigger", "onRequest", "--pattern", "hooks")).toMatchObject({
      code: 2,
      err: expect.stringContaining("it must be a method, * for any, and a path"),
    });
    expect(await readdir(join(directory, "functions"))).not.toContain("hooks.ts");
  });
});
