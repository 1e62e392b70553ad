import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildRevision } from "@anywire/functions/runtime";
import { expect, onTestFinished, test } from "vitest";
import { FUNCTION_STARTERS, starterTest } from "./function-starters.ts";

const MODULES = fileURLToPath(new URL("../../../../../node_modules", import.meta.url));

test("every function to begin with can be bundled, and passes its own test as Node runs it", async () => {
  const directory = await mkdtemp(join(tmpdir(), "anywire-starters-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await symlink(MODULES, join(directory, "node_modules"));
  await writeFile(join(directory, "package.json"), '{"type":"module"}');
  const names = Object.keys(FUNCTION_STARTERS);
  for (const [name, starter] of Object.entries(FUNCTION_STARTERS)) {
    const code = starter.code(JSON.stringify(starter.binding));
    await writeFile(join(directory, `${name}.ts`), code);
    await writeFile(join(directory, `${name}.test.ts`), starterTest(name, starter));
  }
  const { functions } = await buildRevision(directory);
  expect(functions.map(({ name }) => name)).toEqual(names.toSorted());
  // Sources of this checkout stand in for the packages that an author has installed.
  const options = ["--conditions=@anywire/source", "--test", "--test-reporter=tap"];
  const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: directory });
  expect(stdout).toContain(`# pass ${names.length}\n`);
  expect(stdout).toContain("# fail 0\n");
}, 60_000);
