import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VERSION } from "../version.ts";

const BIN = fileURLToPath(new URL("../../bin/anywire.js", import.meta.url));

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-bin-"));
});

afterAll(() => rm(directory, { recursive: true }));

interface Started {
  /** Resolves with the first line of standard output that matches. */
  line(pattern: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

function start(args: readonly string[], nodeOptions: readonly string[] = []): Started {
  const child = spawn(process.execPath, [...nodeOptions, BIN, ...args], {
    cwd: directory,
    env: { ANYWIRE_ENGINE: "memory" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const lines = createInterface(child.stdout);
  return {
    line: (pattern) =>
      new Promise((resolve, reject) => {
        lines.on("line", (line) => pattern.test(line) && resolve(line));
        lines.on("close", () => reject(new Error(`no line ${pattern} in ${out}\n${err}`)));
      }),
    kill: (signal) => child.kill(signal),
    ended: once(child, "close").then(([code]) => ({ code, out, err })),
  };
}

test("prints the version", async () => {
  expect(await start(["--version"]).ended).toEqual({ code: 0, out: `${VERSION}\n`, err: "" });
});

test("a Node.js that is too old is told so in one sentence", async () => {
  const old =
    "Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.1.0'}})";
  const { code, out, err } = await start(["dev"], ["--import", `data:text/javascript,${old}`])
    .ended;
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/^anywire needs Node.js 24 or newer, and this is .*nodejs\.org\.\n$/);
});

test("dev makes keys, says where it is, answers, and ends with 0 on SIGTERM", async () => {
  const dev = start(["dev", "--port", "0"]);
  const url = (await dev.line(/Page/)).trim().split(/\s+/)[1];
  const token = start(["token", "--account", "bob"]).ended;
  const response = await fetch(`${url}v1/channels/production.group.lobby/entries`, {
    headers: { authorization: `Bearer ${(await token).out.trim()}` },
  });
  expect([response.status, (await token).code, (await token).err]).toEqual([200, 0, ""]);
  dev.kill("SIGTERM");
  const { code, out, err } = await dev.ended;
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/Press Ctrl\+C to stop\.[\s\S]*stopped/);
  expect(out).not.toContain("\u001b");
});

describe("start", () => {
  test("logs JSON, stops on SIGINT, and says when its port is taken", async () => {
    await start(["keys", "add"]).ended;
    const first = start(["start", "--port", "0"]);
    const { level, msg, url } = JSON.parse(await first.line(/listening/));
    expect([level, msg]).toEqual(["info", "listening"]);
    const second = await start(["start", "--port", new URL(url).port]).ended;
    expect(second.code).toBe(1);
    expect(second.err).toMatch(/^anywire: port \d+ .* is taken; .*--port\n$/);
    first.kill("SIGINT");
    const { code, out, err } = await first.ended;
    expect([code, err]).toEqual([0, ""]);
    expect(
      out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).msg),
    ).toEqual(["listening", expect.stringMatching(/^stopping/), "stopped"]);
  });

  test("says what to do with functions that are there and not deployed", async () => {
    await start(["keys", "add"]).ended;
    await start(["functions", "new", "hello"]).ended;
    const server = start(["start", "--port", "0"]);
    const listening = server.line(/listening/);
    const note = JSON.parse(await server.line(/no function runs/));
    expect(note).toMatchObject({ level: "warn", files: ["hello.ts"] });
    expect(note.msg).toContain("`anywire functions deploy`");
    const { url } = JSON.parse(await listening);
    const list = await start(["functions", "list", "--url", url]).ended;
    expect(list.out).toMatch(/^Active {3}none; `anywire functions deploy`/);
    server.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
    await rm(join(directory, "functions"), { recursive: true });
  });

  test("a second signal ends it at once, whatever it has not finished", async () => {
    await start(["keys", "add"]).ended;
    const server = start(["start", "--port", "0"]);
    const { url } = JSON.parse(await server.line(/listening/));
    const token = (await start(["token", "--account", "bob"]).ended).out.trim();
    const unfinished = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
    unfinished.write(
      [
        "POST /v1/channels/production.group.lobby/messages HTTP/1.1",
        "Host: 127.0.0.1",
        `Authorization: Bearer ${token}`,
        "Content-Type: application/json",
        "Content-Length: 1000",
        "Expect: 100-continue",
        "\r\n",
      ].join("\r\n"),
    );
    // The server says "100 Continue": it has begun with the request and waits for the rest.
    await once(unfinished, "data");
    server.kill("SIGTERM");
    await server.line(/stopping/);
    server.kill("SIGTERM");
    const { code, out } = await server.ended;
    expect(code).toBe(1);
    expect(out).not.toContain('"stopped"');
  });
});
