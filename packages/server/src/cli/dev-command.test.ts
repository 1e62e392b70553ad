import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startCli, type TestRun } from "./start-cli.fixture.ts";

const GOOD = `
import { beforePublish } from "@anywire/functions";

export default beforePublish("*.sms.*", (event) => event.ok());
`;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-dev-"));
  await mkdir(join(directory, "functions"));
});

afterEach(() => rm(directory, { recursive: true }));

/** Writes a file as editors do, so that nobody sees half of it. */
async function save(file: string, text: string): Promise<void> {
  await writeFile(join(directory, "draft"), text);
  await rename(join(directory, "draft"), join(directory, "functions", file));
}

function dev(...args: readonly string[]): TestRun {
  const environment = {
    ANYWIRE_ENGINE: "memory",
    ANYWIRE_LOGGING_LEVEL: "silent",
    ANYWIRE_FUNCTIONS_DIRECTORY: join(directory, "functions"),
  };
  return startCli(["dev", "--port", "0", "--data", directory, ...args], { directory, environment });
}

test("says where functions are and how many, and tells at once what is wrong with a saved file, and that it is mended", async () => {
  await save("sms.ts", GOOD);
  const run = dev();
  expect(await run.line(/Functions/)).toMatch(/Functions +1 in .*functions$/m);
  await save("sms.ts", "export default (");
  expect(await run.line(/✗/)).toMatch(/^✗ sms\.ts:1:\d+ {2}\S/);
  await run.line(/that ran before go on/);
  await save("sms.ts", GOOD);
  expect(await run.line(/✓/)).toBe("✓ The functions are good again.");
  run.signal("SIGINT");
  expect(await run.exitCode).toBe(0);
});

test("starts with functions that are broken, and without any", async () => {
  const empty = dev();
  expect(await empty.line(/Functions/)).toMatch(
    /Functions +none in .* yet; npx anywire functions new/,
  );
  empty.signal("SIGINT");
  await empty.exitCode;
  await save("sms.ts", "export const useful = false;");
  const broken = dev();
  expect(await broken.line(/✗/)).toMatch(/^✗ sms\.ts {2}\S/);
  await broken.line(/Functions/);
  broken.signal("SIGINT");
  expect(await broken.exitCode).toBe(0);
});

test("a port of the inspector that is none is a wrong use", async () => {
  const run = dev("--inspect", "70000");
  expect(await run.exitCode).toBe(2);
  expect(run.err.join()).toContain("Write a whole number from 0 to 65535");
});
