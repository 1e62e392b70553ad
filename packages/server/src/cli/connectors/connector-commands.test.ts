import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { startCli } from "../start-cli.fixture.ts";

const MODULES = fileURLToPath(new URL("../../../../../node_modules", import.meta.url));
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-connectors-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await symlink(MODULES, join(directory, "node_modules"));
  await writeFile(join(directory, "package.json"), '{"type":"module"}');
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { exitCode, out, err } = startCli(["connector", ...args], { directory });
  return { code: await exitCode, out: out.join("\n"), err: err.join("\n") };
}

const FILES = [
  "carrier-owl.ts",
  "carrier-owl-simulator.ts",
  "carrier-owl-fixtures.ts",
  "carrier-owl.test.ts",
];

test("a new connector keeps all rules, for the command and for Node's own test runner", async () => {
  const written = await run("new", "carrier-owl");
  expect(written).toMatchObject({ code: 0 });
  expect(written.out).toBe(FILES.map((file) => `✓ connectors/${file}`).join("\n"));

  const tested = await run("test", "./connectors/carrier-owl.ts");
  expect(tested.out).not.toContain("✗");
  expect(tested.out).toContain("✓ brings a text to the person exactly as it was said");
  expect(tested.out).toContain("– changes what was sent (it has no edit())");
  expect(tested).toMatchObject({ code: 0, err: expect.stringMatching(/\d+ rules kept, 0 broken/) });

  // Sources of this checkout stand in for the packages that an author has installed.
  const options = ["--conditions=@anywire/source", "--test", "--test-reporter=tap"];
  const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: directory });
  expect(stdout).toMatch(/^# pass [1-9]/m);
  expect(stdout).toContain("# fail 0\n");
}, 60_000);

test("a connector that is broken fails with what was expected, and what to do", async () => {
  await run("new", "barn-owl", "--dir", "mine");
  const file = join(directory, "mine/barn-owl.ts");
  const code = await readFile(file, "utf8");
  const broken = code
    .replace("externalIds: [id] }", 'externalIds: ["owl"] }')
    .replace('.describe("Where the API of Barn owl is.")', "");
  expect(broken).not.toBe(code);
  await writeFile(file, broken);
  const { code: exitCode, out, err } = await run("test", "mine/barn-owl.ts");
  expect(exitCode).toBe(1);
  expect(out).toContain(
    "✗ describes every setting and every secret\n    setting url has no description",
  );
  expect(out).toMatch(
    /✗ gives every message ids of its own\n {4}two messages have one external id/,
  );
  expect(out).toContain("✓ tells each receipt that it declares");
  expect(err).toMatch(/anywire: barn-owl: \d+ rules kept, 2 broken/);
});

test("verdicts are one JSON object a line for a program", async () => {
  const { code, out } = await run("test", "pigeon", "--json");
  expect(code).toBe(0);
  const verdicts = out.split("\n").map((line) => JSON.parse(line));
  expect(verdicts[0]).toEqual({ rule: expect.stringMatching(/^says who it is/), outcome: "kept" });
  expect(verdicts.map(({ outcome }) => outcome)).not.toContain("broken");
});

test("a network that a JSON file describes is tested as any other, and listed when the configuration names it", async () => {
  await mkdir(join(directory, "connectors"));
  const definition = {
    id: "gateway",
    displayName: "Gateway",
    address: { kind: "pager", pattern: "\\d+", example: "123" },
    settings: { url: { description: "Where it is." } },
    secrets: { key: { description: "Of the account." } },
    maxLength: 160,
    policy: { notes: "None." },
    send: {
      url: "{{settings.url}}/send",
      headers: { "x-key": "{{secrets.key}}" },
      body: { form: { to: "{{to}}", text: "{{text}}" } },
      externalId: "/id",
    },
    webhook: {
      signature: { kind: "hmac", header: "x-signature", secret: "key" },
      message: { when: {}, externalId: "/id", from: "/from", text: "/text" },
    },
  };
  await writeFile(join(directory, "connectors/gateway.json"), JSON.stringify(definition));
  expect(await run("test", "connectors/gateway.json")).toMatchObject({ code: 0 });

  const config = 'export default { connectors: { modules: ["connectors/gateway.json"] } };';
  await writeFile(join(directory, "anywire.config.ts"), config);
  const { out } = await run("list");
  expect(out).toMatch(/^ID +NAME +VERSION +NETWORK +ADDRESSES +SIMULATOR$/m);
  expect(out).toMatch(/^pigeon +Carrier pigeon /m);
  expect(out).toMatch(/^gateway +Gateway +1\.0\.0 +gateway +pager +yes$/m);
  const { connectors } = JSON.parse((await run("list", "--json")).out);
  expect(connectors).toContainEqual(expect.objectContaining({ id: "gateway", hasSimulator: true }));
});

test.each([
  [["new", "Barn Owl"], 2, /small letter/],
  [["new", "sms"], 1, /sms is a connector or a type of channel already/],
  [["new", "pigeon"], 1, /pigeon is a connector/],
  [["test", "./nothing.ts"], 2, /there is no connector \S*nothing\.ts/],
  [["test", "./package.json"], 2, /definition of this HTTP connector is wrong/],
  [["test", "./empty.ts"], 2, /is no whole connector: id is missing/],
  [["test", "./bare.ts"], 2, /version is missing: .*; secrets is missing: .*write-your-own\.md/],
  [["list"], 2, /bare\.ts is no whole connector: version is missing: .*; secrets is missing: /],
])("%j is refused with words", async (args, code, words) => {
  await writeFile(join(directory, "empty.ts"), "export default {};");
  const bare = 'export default { id: "bare", verify() {}, parse() {}, send() {} };';
  await writeFile(join(directory, "bare.ts"), bare);
  const config = 'export default { connectors: { modules: ["bare.ts"] } };';
  await writeFile(join(directory, "anywire.config.ts"), config);
  expect(await run(...args)).toMatchObject({ code, err: expect.stringMatching(words) });
});

test("nothing is written over", async () => {
  await run("new", "barn-owl");
  expect(await run("new", "barn-owl")).toMatchObject({
    code: 1,
    err: expect.stringContaining("barn-owl.ts is there already"),
  });
});
