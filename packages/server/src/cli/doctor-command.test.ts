import { once } from "node:events";
import { chmod, mkdtemp, rm, utimes } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSqliteEngine } from "@anywire/engines/sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ExitCode } from "./cli-error.ts";
import { startCli } from "./start-cli.fixture.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-doctor-"));
  await startCli(["keys", "add", "--data", directory], { directory }).exitCode;
});

afterEach(() => rm(directory, { recursive: true }));

interface Findings {
  readonly node?: string;
  readonly config?: string;
  readonly state?: string;
  readonly keys?: string;
  readonly port?: string;
  readonly clock?: string;
}

async function doctor(args: readonly string[] = []): Promise<{ code: ExitCode; found: Findings }> {
  const environment = { ANYWIRE_HTTP_PORT: "0", ANYWIRE_DATA_DIRECTORY: directory };
  const run = startCli(["doctor", "--json", ...args], { directory, environment });
  const code = await run.exitCode;
  const { checks } = JSON.parse(run.out.join());
  const named = checks.map(
    ({ name, ok, detail }: { name: string; ok: boolean; detail: string }) => [
      name,
      `${ok ? "✓" : "✗"} ${detail}`,
    ],
  );
  return { code, found: Object.fromEntries(named) };
}

async function listen(
  answer: RequestListener,
): Promise<{ port: string; close(): Promise<unknown> }> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = String((server.address() as AddressInfo).port);
  return {
    port,
    close: () => {
      server.closeAllConnections();
      return once(server.close(), "close");
    },
  };
}

test("when all is well, every check says so", async () => {
  const { code, found } = await doctor();
  expect(code).toBe(0);
  for (const finding of Object.values(found)) expect(finding).toMatch(/^✓/);
  expect(found.keys).toBe("✓ 1 key, ES256 signs");
});

test("for people each check is a line, and the sum of the faults is the error", async () => {
  const environment = { ANYWIRE_HTTP_PORT: "0", ANYWIRE_DATA_DIRECTORY: join(directory, "none") };
  const run = startCli(["doctor"], { directory, environment });
  expect(await run.exitCode).toBe(1);
  expect(run.out).toContainEqual(expect.stringMatching(/^✓ config {4}no file/));
  expect(run.out).toContainEqual(expect.stringMatching(/^✗ keys {6}there are none: `anywire dev`/));
  expect(run.err.join()).toMatch(/^anywire: 1 of \d checks failed$/);
});

test("a bad configuration is told, and nothing else is looked at", async () => {
  const { code, found } = await doctor(["--port", "x"]);
  expect(code).toBe(1);
  expect(found.config).toMatch(/^✗ .*http\.port must be a whole number/s);
  expect(Object.keys(found)).toEqual(["node", "config"]);
});

test("a state that is behind the log is told, with the command that makes it again", async () => {
  expect((await doctor()).found.state).toBe("✓ none yet: the server makes it");
  const { log } = createSqliteEngine({ directory, synchronous: "off" });
  await log.start();
  const shared = { channel: "production.group.a", sender: "account:ann" } as const;
  await log.append({ ...shared, id: "note", kind: "data", dataJson: "1" });
  const opened = {
    type: "group",
    title: "A",
    avatarUrl: null,
    connection: null,
    history: "all",
    meta: {},
    participants: [{ address: "account:ann", role: "owner" }],
    isFixed: false,
  };
  const dataJson = JSON.stringify(opened);
  await log.append({ ...shared, id: "opened", kind: "opened", dataJson });
  await log.close();
  const well = await doctor();
  expect([well.code, well.found.state]).toEqual([0, "✓ items: 3, at offset 2, as the log"]);
  const db = new DatabaseSync(join(directory, "anywire.db"));
  db.exec("DELETE FROM state WHERE sort = 'channel'");
  db.close();
  const ill = await doctor();
  expect([ill.code, ill.found.state]).toEqual([
    1,
    "✗ items: 2, at offset 1, but the log at 2: run `anywire rebuild state`",
  ]);
  await startCli(["rebuild", "state", "--data", directory], { directory }).exitCode;
  expect((await doctor()).code).toBe(0);
});

test("keys that others can read are told", async () => {
  await chmod(join(directory, "keys.json"), 0o644);
  const { code, found } = await doctor();
  expect(code).toBe(1);
  expect(found.keys).toMatch(/^✗ others can read .*keys.json: run chmod 600 on it/);
});

test("data from the future means that the clock is wrong", async () => {
  const tomorrow = new Date(Date.now() + 86_400_000);
  await utimes(join(directory, "keys.json"), tomorrow, tomorrow);
  const { code, found } = await doctor();
  expect([code, found.clock]).toEqual([
    1,
    expect.stringMatching(/^✗ it says .*set the machine's clock/),
  ]);
});

test("a port that our own server has is fine, another program's is not", async () => {
  const ours = await listen((_, response) => response.end('{"status":"ok","version":"9.9.9"}'));
  const { code, found } = await doctor(["--port", ours.port]);
  expect([code, found.port]).toEqual([0, `✓ Anywire 9.9.9 answers on port ${ours.port}`]);
  await ours.close();
  const other = await listen((_, response) => response.end("<html>"));
  const { code: failed, found: taken } = await doctor(["--port", other.port]);
  expect([failed, taken.port]).toEqual([1, expect.stringMatching(/^✗ another program has port/)]);
  await other.close();
});
