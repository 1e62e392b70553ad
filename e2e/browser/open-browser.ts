import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, onTestFinished, type TestContext, vi } from "vitest";

// A browser, a server and all the other tests share the machine's cores.
vi.setConfig({ testTimeout: 60_000 });

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let launched: Promise<Browser> | undefined;
afterAll(async () => {
  await (await launched)?.close();
});

/**
 * The machine's Chromium, one for all tests of a file; what a test opens in it is closed when that is finished. Where there is none the test is skipped, but in CI it fails: there
 * it has to be installed.
 */
export async function openBrowser(context: TestContext): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? findOnPath();
  if (executablePath === undefined) {
    const reason = "no Chromium on the PATH; install it, or name it in CHROMIUM";
    if (process.env["CI"] === "true") throw new Error(reason);
    context.skip(reason);
  }
  launched ??= chromium.launch({ executablePath, args: ARGUMENTS });
  const browser = await launched;
  onTestFinished(async () => {
    await Promise.all(browser.contexts().map((opened) => opened.close()));
  });
  return browser;
}

function findOnPath(): string | undefined {
  const directories = (process.env["PATH"] ?? "").split(delimiter);
  return directories
    .flatMap((directory) => NAMES.map((name) => join(directory, name)))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
