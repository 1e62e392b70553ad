import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect, type TestContext, test } from "vitest";
import { type FunctionsDirectory, functionsDirectory } from "../support/functions-directory.ts";
import { BIN, startServerProcess } from "../support/server-process.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { openFirstPage } from "./first-page.ts";
import { openBrowser } from "./open-browser.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const GUARD = `
import { beforePublish } from "@anywire/functions";

export default beforePublish("*.group.*", async (event, { kv, log }) => {
  const { text } = event.message;
  log.info("looked at", { length: text.length });
  if (text === "boom") throw new Error("out of ideas");
  if (text.includes("spam")) return event.abort("no spam, please");
  await kv.increment("passed", 1);
  return event.ok();
});
`;

/** Fails as long as it is told to: for good after one attempt. */
function archive(isReachable: boolean): string {
  return `
import { afterPublish } from "@anywire/functions";

export default afterPublish("*.group.*", (event, { log }) => {
  if (!${isReachable}) throw new Error("the archive does not answer");
  log.info("archived " + event.message.text);
}, { maxAttempts: 1 });
`;
}

interface Setup {
  readonly browser: Browser;
  readonly functions: FunctionsDirectory;
  readonly url: string;
  readonly dataDirectory: string;
}

/** A server for development that runs these functions. */
async function setUp(
  context: TestContext,
  files: Readonly<Record<string, string>>,
  settings: NodeJS.ProcessEnv = {},
): Promise<Setup> {
  const browser = await openBrowser(context);
  const functions = await functionsDirectory(files);
  const dataDirectory = await temporaryDirectory();
  const own = { ANYWIRE_FUNCTIONS_DIRECTORY: functions.path, ...settings };
  const { url } = await startServerProcess("dev", dataDirectory, { ...process.env, ...own });
  return { browser, functions, url, dataDirectory };
}

/** The page of functions, as one uses it. */
interface FunctionsPage {
  readonly page: Page;
  /** Errors in the console, exceptions, and what the content security policy blocked. */
  readonly problems: readonly string[];
  /** Resolves when a row of the table has that in it, cells with spaces between. */
  row(text: RegExp): Promise<void>;
  /** Resolves when a line of the log that is shown has that in it. */
  logged(text: string | RegExp): Promise<void>;
  press(button: string): Promise<void>;
  tab(name: RegExp): Promise<void>;
}

async function openFunctions(
  { browser, url }: Pick<Setup, "browser" | "url">,
  options: BrowserContextOptions = {},
): Promise<FunctionsPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(`${url}/?page=functions`);
  await page.getByRole("heading", { name: "Functions", exact: true }).waitFor();
  return {
    page,
    problems,
    row: (text) => page.getByRole("row", { name: text }).waitFor(),
    logged: (text) =>
      page.getByRole("log").getByRole("listitem").filter({ hasText: text }).first().waitFor(),
    press: (name) => page.getByRole("button", { name, exact: true }).click(),
    tab: (name) => page.getByRole("tab", { name }).click(),
  };
}

test("a broken file is told on every page until it is mended, and can be dismissed", async (context) => {
  const setup = await setUp(context, { "guard.ts": GUARD });
  const { page, problems } = await openFirstPage(setup.browser, setup.url);
  const functions = await openFunctions(setup);
  await functions.row(/guard/);
  await setup.functions.write("guard.ts", "export default beforePublish(");
  for (const one of [page, functions.page]) {
    const notice = one.getByRole("alert");
    await notice.getByText("the earlier version goes on").waitFor();
    await notice.getByText(/^guard\.ts:1:\d+: /).waitFor();
  }
  await functions.row(/guard .* Running/);
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.getByRole("alert").waitFor({ state: "detached" });
  await setup.functions.write("guard.ts", "\n\nexport default afterPublish(");
  await page.getByText(/^guard\.ts:3:\d+: /).waitFor();
  await setup.functions.write("guard.ts", GUARD);
  for (const one of [page, functions.page]) {
    await one.getByRole("alert").waitFor({ state: "detached" });
  }
  expect([...problems, ...functions.problems]).toEqual([]);
});

test("what people say runs functions: the page counts it, and shows what they log", async (context) => {
  const setup = await setUp(context, { "guard.ts": GUARD, "archive.ts": archive(true) });
  const functions = await openFunctions(setup);
  await functions.row(/guard beforePublish \*\.group\.\* Running 0 0/);
  const { bob, june } = await openFirstPage(setup.browser, setup.url);
  await june.shows("Bob is here");
  await bob.say("hello");
  await functions.logged(/guard.*looked at.*"length":5.*production\.group\.lobby/);
  await functions.logged("archived hello");
  await functions.row(/guard .* Running 1 0/);
  await bob.say("boom");
  await functions.logged(/error.*out of ideas.*guard\.ts:7/s);
  await functions.row(/guard .* Running 2 1/);

  await functions.page.getByLabel("Level").selectOption("error");
  const lines = functions.page.getByRole("log").getByRole("listitem");
  await lines.filter({ hasText: "looked at" }).first().waitFor({ state: "detached" });
  expect(await lines.count()).toBe(1);
  await functions.page.getByLabel("Level").selectOption("debug");
  await functions.page.getByLabel("Function", { exact: true }).selectOption("archive");
  await lines.filter({ hasText: "looked at" }).first().waitFor({ state: "detached" });
  await functions.logged("archived hello");
  expect(functions.problems).toEqual([]);
});

test("a function is tried with an event that one makes up, and nothing happens", async (context) => {
  const setup = await setUp(context, { "guard.ts": GUARD });
  const { page, problems, press, tab } = await openFunctions(setup);
  await page.getByRole("link", { name: "guard" }).click();
  await tab(/Try it/);
  const event = page.getByRole("textbox", { name: "Event" });
  const outcome = page.getByRole("region", { name: "Outcome" });
  expect(JSON.parse(await event.inputValue())).toMatchObject({ channel: "production.group.1" });
  await press("Run");
  await outcome.getByText("OK", { exact: true }).waitFor();
  await outcome.getByText('kv.increment("passed", 1)').waitFor();
  await outcome.getByText('{"length":5}').waitFor();
  await event.fill('{ "message": { "text": "spam" } }');
  await event.press("Control+Enter");
  await outcome.getByText("Aborted").waitFor();
  await outcome.getByText("no spam, please").waitFor();
  await outcome.getByText("It changes nothing.").waitFor();
  await event.fill('{ "message": { "text": "boom" } }');
  await press("Run");
  await outcome.getByText("Threw an error").waitFor();
  await outcome.getByText(/guard\.ts:7/).waitFor();
  await event.fill("{");
  await page.getByRole("alert").getByText("not JSON yet").waitFor();
  expect(await page.getByRole("button", { name: "Run", exact: true }).isDisabled()).toBe(true);
  await event.fill('{ "channel": "production.sms.1" }');
  await press("Run");
  await page.getByRole("alert").getByText("never runs for production.sms.1").waitFor();
  expect(problems.filter((problem) => !problem.includes("400"))).toEqual([]);
});

test("what a function was given up on is replayed once it is mended", async (context) => {
  const setup = await setUp(context, { "archive.ts": archive(false) });
  const { page, problems, press, tab, logged } = await openFunctions(setup);
  const { bob } = await openFirstPage(setup.browser, setup.url);
  for (const text of ["one", "two"]) await bob.say(text);
  await bob.settled(2);
  await page.getByRole("link", { name: "archive" }).click();
  await tab(/Dead letters 2/);
  await page.getByText("2 events were given up").waitFor();
  await press("Replay all");
  await page.getByText("0 replayed, 2 failed once more").waitFor();
  const revision = page.locator("dt:text-is('Revision') + dd");
  const broken = await revision.innerText();
  await setup.functions.write("archive.ts", archive(true));
  await revision.filter({ hasText: broken }).waitFor({ state: "detached" });
  await page
    .getByRole("button", { name: /^Replay message/ })
    .first()
    .click();
  await page.getByText(/^1 replayed$/).waitFor();
  await press("Replay all");
  await page.getByText(/is put aside here/).waitFor();
  await tab(/Log/);
  for (const text of ["one", "two"]) await logged(`archived ${text}`);
  expect(problems).toEqual([]);
});

test("a function is disabled and enabled; the address leads to it", async (context) => {
  const setup = await setUp(context, { "guard.ts": GUARD });
  const { page, press, row } = await openFunctions(setup);
  await page.getByRole("link", { name: "guard" }).click();
  await page.reload();
  await press("Disable");
  await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await page.getByRole("heading", { name: "guard Disabled" }).waitFor();
  await page.goBack();
  await row(/guard .* Disabled/);
  await page.goForward();
  await press("Enable");
  await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
  await page.getByRole("heading", { name: "guard Running" }).waitFor();
  await press("All functions");
  await row(/guard .* Running/);
});

test("without functions the page says how to make one, and shows it once it is there", async (context) => {
  const setup = await setUp(context, {});
  const { page, row } = await openFunctions(setup, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await page.getByText("No functions yet").waitFor();
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const code = await page.evaluate(() => navigator.clipboard.readText());
  await setup.functions.write("hello.ts", code);
  await row(/hello beforePublish \*\.group\.\* Running/);
});

test("on a phone everything has its place, and nothing is wider than the screen", async (context) => {
  const setup = await setUp(context, { "guard.ts": GUARD, "archive.ts": archive(false) });
  const { page, tab } = await openFunctions(setup, PHONE);
  await page.getByRole("link", { name: "archive" }).waitFor();
  expect(await cutOff(page)).toEqual([]);
  await page.getByRole("link", { name: "archive" }).tap();
  for (const name of [/Try it/, /Dead letters/, /Log/]) {
    await tab(name);
    expect(await cutOff(page)).toEqual([]);
  }
});

/** What is wider than the screen, by its class. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("main *")]
      .filter((one) => one.getBoundingClientRect().right > innerWidth)
      .map((one) => one.className.toString()),
  );
}

test("where the server hands out no tokens the page asks for an operator's", async (context) => {
  const setup = await setUp(context, { "guard.ts": GUARD });
  const tokens: string[] = [];
  for (const platform of ["anywire", "production"]) {
    const response = await fetch(`${setup.url}/dev/token`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: setup.url },
      body: JSON.stringify({ account: "ops", platform }),
    });
    tokens.push((await response.json()).token);
  }
  const page = await (await setup.browser.newContext(PHONE)).newPage();
  await page.route("**/dev/token", (route) => route.fulfill({ status: 404 }));
  await page.goto(`${setup.url}/?page=functions`);
  const [operator = "", log = ""] = tokens;
  await page.getByText("Look after functions").waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.getByLabel("Token of platform anywire").fill(operator);
  await page.getByLabel("Token for the log").fill(log);
  await page.getByRole("button", { name: "Open functions" }).click();
  await page.getByRole("link", { name: "guard" }).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
});

test("where revisions are put up, one is activated, tried on part of the channels, and left again", async (context) => {
  const setup = await setUp(context, {}, { ANYWIRE_FUNCTIONS_SOURCE: "deployments" });
  const { page, row, tab, problems } = await openFunctions(setup);
  await page.getByText("anywire functions deploy").waitFor();
  await setup.functions.write("guard.ts", GUARD);
  await deploy(setup, "First guard");
  await row(/guard .* Running/);
  await setup.functions.write("guard.ts", GUARD.replace("no spam", "still no spam"));
  await deploy(setup, "Second guard");
  await tab(/Revisions/);
  const revision = (note: string) => page.getByRole("listitem").filter({ hasText: note });
  const decide = async (note: string, item: string, verb: string): Promise<void> => {
    await revision(note).getByRole("button").click();
    await page.getByRole("menuitem", { name: item }).click();
    await page.getByRole("dialog").getByRole("button", { name: verb }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };
  await revision("Second guard").getByText("Active", { exact: true }).waitFor();
  await decide("First guard", "Try on part of the channels", "Begin canary");
  await revision("First guard").getByText("Canary 10%").waitFor();
  await decide("First guard", "Run beside", "Begin shadow");
  await page.getByRole("button", { name: "End canary" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End canary" }).click();
  await revision("First guard").getByText("Shadow", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Roll back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
  await revision("First guard").getByText("Active", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Roll back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
  await page
    .getByRole("dialog")
    .getByText(/there is none to go back to/)
    .waitFor();
  expect(problems.filter((problem) => !problem.includes("404"))).toEqual([]);
});

/** Puts up the functions of the directory, and has them run. */
async function deploy({ functions, url, dataDirectory }: Setup, note: string): Promise<void> {
  const words = ["functions", "deploy", functions.path, "--note", note];
  const where = ["--url", url, "--data", dataDirectory];
  await promisify(execFile)(process.execPath, [BIN, ...words, ...where]);
}
