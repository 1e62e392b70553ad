import { spawn } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { startTestServer } from "./support/start-test-server.ts";

const HELLO = new URL("../examples/hello.ts", import.meta.url).pathname;

test("the first example says hello and hears it", async () => {
  const server = await startTestServer();
  const words = ["--conditions=@anywire/source", HELLO, await server.token("bob"), server.url];
  const example = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void example.kill());
  const [line] = await firstLine(example.stdout);
  expect(line).toBe("account:bob Hello");
});

test("the code in the README is that of the first example", () => {
  const [, code = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync("README.md", "utf8")) ?? [];
  const lines = code.split("\n").filter((line) => line !== "");
  const example = readFileSync(HELLO, "utf8").split("\n");
  expect(lines.length).toBeGreaterThan(4);
  expect(lines.filter((line) => !example.includes(line))).toEqual([]);
});

test.each(globSync("examples/functions/*.ts").filter((file) => !file.endsWith(".test.ts")))(
  "%s is short, has a test, and is in the list",
  (file) => {
    expect(readFileSync(file, "utf8").split("\n").length).toBeLessThan(100);
    expect(existsSync(file.replace(".ts", ".test.ts"))).toBe(true);
    expect(readFileSync("examples/functions/README.md", "utf8")).toContain(`](${basename(file)})`);
  },
);

async function firstLine(output: NodeJS.ReadableStream): Promise<string[]> {
  for await (const line of createInterface(output)) return [line];
  return [];
}
