import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTcpProxy, type TcpProxy } from "../../../../scripts/engines/tcp-proxy.ts";
import { loadConfig } from "../config/load-config.ts";
import { createLogger } from "../logging.ts";
import type { RunningServer } from "../server.ts";
import { startServer } from "../start-server.ts";
import { loadOrCreateServerKeys } from "../tokens/server-keys.ts";
import { startCli, type TestRun } from "./start-cli.fixture.ts";

let directory: string;
let server: RunningServer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-tail-"));
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
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

function start(args: readonly string[], url = server.url): TestRun {
  return startCli([...args, "--data", directory, "--url", url], { directory });
}

async function publish(channel: string, text: string, ...rest: string[]): Promise<number> {
  const run = start(["publish", channel, text, ...rest]);
  if ((await run.exitCode) !== 0) throw new Error(run.err.join());
  return Number(run.out[0]);
}

describe("publish", () => {
  test("prints the offset, and the same one for the same id", async () => {
    const first = await publish("production.group.ids", "hello", "--id", "m1");
    expect(first).toBeGreaterThan(0);
    expect(await publish("production.group.ids", "hello", "--id", "m1")).toBe(first);
    expect(await publish("production.group.ids", "hello")).toBeGreaterThan(first);
  });

  test("as JSON prints what the server answered", async () => {
    const run = start(["publish", "production.group.json", "hello", "--json"]);
    expect(await run.exitCode).toBe(0);
    expect(JSON.parse(run.out.join())).toMatchObject({
      channel: "production.group.json",
      offset: expect.any(Number),
    });
  });

  test("tells what the server refuses, and that none answers", async () => {
    const refused = start(["publish", "production.nothing.a", "hello"]);
    expect([await refused.exitCode, refused.err.join()]).toEqual([
      1,
      expect.stringMatching(/refused it \(unknown_channel\): .*nothing/),
    ]);
    const unnamed = start(["publish", "lobby", "hello"]);
    expect([await unnamed.exitCode, unnamed.err.join()]).toEqual([
      1,
      expect.stringMatching(/"lobby" is not a channel name/),
    ]);
    const alone = start(["publish", "production.group.a", "hello"], "http://127.0.0.1:9");
    expect([await alone.exitCode, alone.err.join()]).toEqual([
      1,
      expect.stringMatching(/no server answers at http:\/\/127.0.0.1:9/),
    ]);
  });
});

describe("tail", () => {
  test("prints everything after an offset and then what comes, up to the limit", async () => {
    const first = await publish("production.group.since", "one");
    await publish("production.group.since", "two");
    const run = start([
      "tail",
      "production.group.since",
      "--since",
      String(first - 1),
      "--limit",
      "3",
    ]);
    await run.line(/two$/);
    await publish("production.group.since", "three", "--account", "bob");
    expect(await run.exitCode).toBe(0);
    expect(run.out).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\d {2}#\d+ {2}production\.group\.since {2}account:cli {2}one$/,
      ),
      expect.stringMatching(/account:cli {2}two$/),
      expect.stringMatching(/account:bob {2}three$/),
    ]);
    expect(run.err).toEqual([]);
  });

  test("of a pattern names the channel of each entry; as JSON each line is an entry", async () => {
    const offset = await publish("production.group.pattern1", "a");
    await publish("production.group.pattern2", "b", "--id", "m2");
    const run = start([
      "tail",
      "production.>",
      "--since",
      String(offset - 1),
      "--limit",
      "2",
      "--json",
    ]);
    expect(await run.exitCode).toBe(0);
    expect(run.out.map((line) => JSON.parse(line))).toMatchObject([
      { offset, channel: "production.group.pattern1", data: { text: "a" } },
      {
        id: "m2",
        kind: "message",
        channel: "production.group.pattern2",
        sender: "account:cli",
        at: expect.any(Number),
        data: { text: "b" },
      },
    ]);
  });

  test("shows text from outside on one line, with nothing that moves the cursor", async () => {
    const offset = await publish("production.group.escape", "a\nb\u001b[2J");
    const run = start([
      "tail",
      "production.group.escape",
      "--since",
      String(offset - 1),
      "--limit",
      "1",
    ]);
    expect(await run.exitCode).toBe(0);
    expect(run.out).toEqual([expect.stringMatching(/ {2}a\\u000ab\\u001b\[2J$/)]);
  });

  test("ends with 0 on a signal", async () => {
    const offset = await publish("production.group.signal", "here");
    const run = start(["tail", "production.group.signal", "--since", String(offset - 1)]);
    await run.line(/here$/);
    run.signal("SIGINT");
    expect(await run.exitCode).toBe(0);
  });

  test("of no entries at all is a wrong use", async () => {
    const run = start(["tail", "production.>", "--limit", "0"]);
    expect([await run.exitCode, run.err.join()]).toEqual([
      2,
      expect.stringMatching(/Write a whole number from 1/),
    ]);
  });

  test("fails at once when no server answers, the token is bad or the channel is refused", async () => {
    const alone = start(["tail", "production.>"], "http://127.0.0.1:9");
    expect([await alone.exitCode, alone.err.join()]).toEqual([
      1,
      expect.stringMatching(/no server answers/),
    ]);
    const foreign = start(["tail", "production.>", "--token", "x.y.z"]);
    expect([await foreign.exitCode, foreign.err.join()]).toEqual([
      1,
      expect.stringMatching(/ended the connection: invalid token/),
    ]);
    const refused = start(["tail", "production.nothing.a"]);
    expect([await refused.exitCode, refused.err.join()]).toEqual([
      1,
      expect.stringMatching(/refused production.nothing.a: /),
    ]);
    const unnamed = start(["tail", "*.sms.*"]);
    expect([await unnamed.exitCode, unnamed.err.join()]).toEqual([
      2,
      expect.stringMatching(/not a pattern within a platform/),
    ]);
  });
});

describe("a connection that is lost", () => {
  let network: TcpProxy;

  beforeEach(async () => {
    network = await startTcpProxy(server.url);
  });

  afterEach(() => network.close());

  test("is taken up again, and tail prints what was missed, once", async () => {
    const channel = "production.group.lost";
    const run = start(["tail", channel, "--since", "0", "--limit", "4"], network.url);
    await publish(channel, "1");
    await run.line(/1$/);
    network.cut();
    await run.line(/connection is lost/);
    await publish(channel, "2");
    await publish(channel, "3");
    network.heal();
    await run.line(/Connected again/);
    await publish(channel, "4");
    expect(await run.exitCode).toBe(0);
    expect(run.out.map((line) => line.at(-1))).toEqual(["1", "2", "3", "4"]);
  });
});
