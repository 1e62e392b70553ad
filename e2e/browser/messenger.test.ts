import type { Browser } from "playwright-core";
import { expect, type TestContext, test } from "vitest";
import { type AccountPage, openAccountPage } from "./account-page.ts";
import { startDevServer } from "./dev-server.ts";
import { openBrowser } from "./open-browser.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

interface Devices {
  readonly desktop: AccountPage;
  readonly laptop: AccountPage;
  readonly june: AccountPage;
}

/** Two devices of Bob and one of June, each in a browser of its own. */
async function openDevices(browser: Browser, url: string): Promise<Devices> {
  const desktop = await openAccountPage(browser, url, "bob");
  const laptop = await openAccountPage(browser, url, "bob");
  return { desktop, laptop, june: await openAccountPage(browser, url, "june") };
}

/** Bob and June, each on a page alone, in their direct channel. */
async function openDirect(context: TestContext): Promise<Record<"bob" | "june", AccountPage>> {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  const june = await openAccountPage(browser, url, "june");
  await june.openDirect("bob");
  await bob.open("June");
  return { bob, june };
}

/** No reload was needed for anything, and nothing went wrong on the way. */
function expectUntouched(devices: Devices): void {
  for (const { loads, problems } of Object.values(devices)) {
    expect(loads()).toBe(1);
    expect(problems).toEqual([]);
  }
}

test("what one device opens, reads and hides is so on the others at once", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const devices = await openDevices(browser, url);
  const { desktop, laptop, june } = devices;

  await june.openGroup("Design", "bob");
  await desktop.lists("Design");
  await laptop.lists("Design");
  await desktop.openDirect("june");
  await laptop.lists("June");
  await june.lists("Bob");

  for (const text of ["one", "two"]) await june.say(text);
  for (const device of [desktop, laptop]) {
    await device.counts("Design", 2);
    await device.isCalled("(2) Anywire");
  }
  await desktop.open("Design");
  expect(await desktop.settled(2)).toEqual(["one", "two"]);
  for (const device of [desktop, laptop]) {
    await device.counts("Design", 0);
    await device.isCalled("Anywire");
  }

  await laptop.choose("Design", "Hide");
  await desktop.misses("Design");
  await laptop.misses("Design");
  await june.lists("Design");
  await desktop.press("Hidden 1");
  await desktop.choose("Design", "Unhide");
  await laptop.lists("Design");
  expectUntouched(devices);
});

test("what happens while a device is away is there on its return", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const devices = await openDevices(browser, url);
  const { desktop, laptop, june } = devices;
  await june.openGroup("Design", "bob");
  await june.say("before");
  await laptop.counts("Design", 1);
  await laptop.open("Lobby");
  await laptop.press("Go offline");
  await laptop.shows("Offline");

  await desktop.open("Design");
  await desktop.counts("Design", 0);
  await desktop.choose("Design", "Hide");
  await desktop.misses("Design");
  await june.openGroup("Launch", "bob");
  await june.say("meanwhile");
  await desktop.counts("Launch", 1);
  await laptop.counts("Design", 1);

  await laptop.press("Come back");
  await laptop.misses("Design");
  await laptop.counts("Launch", 1);
  await laptop.isCalled("(1) Anywire");
  expectUntouched(devices);
});

test("over a server that was killed all devices go on together", async (context) => {
  const browser = await openBrowser(context);
  const server = await startDevServer();
  const devices = await openDevices(browser, server.url);
  const { desktop, laptop, june } = devices;
  await june.openGroup("Design", "bob");
  await june.say("before");
  await laptop.counts("Design", 1);

  await server.kill();
  await june.shows("Reconnecting");
  await june.say("while it is gone");
  await server.start();
  await desktop.counts("Design", 2);
  await desktop.open("Design");
  expect(await desktop.settled(2)).toEqual(["before", "while it is gone"]);
  await laptop.counts("Design", 0);
  await laptop.choose("Design", "Hide");
  await desktop.misses("Design");
  await laptop.openGroup("Launch", "june");
  await desktop.lists("Launch");
  await june.lists("Launch");
  expectUntouched(devices);
});

test("a window that nobody looks at reads nothing until somebody does", async (context) => {
  const { bob, june } = await openDirect(context);
  await look(bob, false);
  await june.say("are you there?");
  await bob.shows("are you there?");
  await bob.isCalled("(1) Anywire");
  await june.root.getByRole("img", { name: "Delivered" }).waitFor();
  await look(bob, true);
  await bob.isCalled("Anywire");
  await june.root.getByRole("img", { name: "Read" }).waitFor();
});

test("what one looks at first without a connection is read once there is one", async (context) => {
  const { bob, june } = await openDirect(context);
  await look(bob, false);
  await june.say("are you there?");
  await bob.isCalled("(1) Anywire");
  await bob.press("Go offline");
  await bob.shows("Offline");
  await look(bob, true);
  await bob.isCalled("(1) Anywire");
  await bob.press("Come back");
  await bob.isCalled("Anywire");
});

/** Whether somebody looks at the window: a browser under test says of each of its pages that it is focused. */
async function look({ page }: AccountPage, isLooking: boolean): Promise<void> {
  await page.evaluate((hasFocus) => {
    document.hasFocus = () => hasFocus;
    window.dispatchEvent(new Event(hasFocus ? "focus" : "blur"));
  }, isLooking);
}

test("a direct channel tells how it is with the other one", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  const june = await openAccountPage(browser, url, "june");
  await june.openDirect("bob");
  await june.shows("Bob is online");
  await bob.open("June");
  await june.shows("Bob is here");
  await bob.page.close();
  await june.shows("Last seen");
});

test("answers, edits, reactions and deletions stand on both sides", async (context) => {
  const { bob, june } = await openDirect(context);
  await june.say("lunch at noon?");
  await bob.settled(1);
  await bob.use("lunch at noon?", "Reply");
  await bob.say("yes");
  await june.root.getByRole("log").getByText("lunch at noon?").nth(1).waitFor();
  await bob.use("lunch at noon?", "React with 👍");
  await june.root.getByRole("button", { name: "👍 1" }).waitFor();

  await bob.use("yes", "Edit");
  expect(await bob.field.inputValue()).toBe("yes");
  await bob.say("yes, gladly");
  await june.shows("Edited");
  expect(await june.settled(2)).toEqual(["lunch at noon?", "yes, gladly"]);
  await bob.use("yes, gladly", "Delete");
  await bob.press("Delete for everyone");
  await june.root.getByRole("log").getByText("Message deleted").waitFor();
  expect(await june.settled(2)).toEqual(["lunch at noon?", "Message deleted"]);
});

test("what was written offline is sent on return, also when another channel is open by then", async (context) => {
  const { bob, june } = await openDirect(context);
  await bob.shows("June is here");
  await bob.press("Go offline");
  await bob.say("later");
  await bob.field.fill("a draft");
  await bob.open("Lobby");
  expect(await bob.field.inputValue()).toBe("");
  await bob.press("Come back");
  await june.settled(1);
  await bob.open("June");
  expect(await bob.settled(1)).toEqual(["later"]);
  expect(await bob.field.inputValue()).toBe("a draft");
});

test("a group that is muted or left is so on the other device, and goes on without who left", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const devices = await openDevices(browser, url);
  const { desktop, laptop, june } = devices;
  await june.openGroup("Design", "bob");
  await desktop.open("Design");
  await desktop.choose("Design", "Mute");
  await laptop.row("Design").getByRole("img", { name: "Muted" }).waitFor();
  await laptop.choose("Design", "Unmute");
  await desktop.row("Design").getByRole("img", { name: "Muted" }).waitFor({ state: "detached" });
  await desktop.choose("Design", "Leave group");
  await desktop.misses("Design");
  await laptop.misses("Design");
  await desktop.shows("No channel is open");
  await june.say("alone now");
  expect(await june.settled(1)).toEqual(["alone now"]);
  expectUntouched(devices);
});

test("a message is answered with the keyboard alone", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const { page, open, say, shows, settled, field } = await openAccountPage(browser, url, "bob");
  await open("Lobby");
  for (const text of ["one", "two"]) await say(text);
  await settled(2);
  for (const key of ["ArrowUp", "ArrowUp", "Tab", "Enter"]) await page.keyboard.press(key);
  await shows("Reply to Bob");
  await page.keyboard.press("Escape");
  await page.keyboard.type("no answer");
  await page.keyboard.press("ArrowUp");
  expect(await field.inputValue()).toBe("no answer");
  await page.keyboard.press("Enter");
  expect(await settled(3)).toEqual(["one", "two", "no answer"]);
});

test("on a phone a channel takes the place of the list, and the browser's way back leads to it", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob", PHONE);
  await bob.row("Lobby").getByRole("button").tap();
  await bob.field.waitFor();
  expect(await bob.row("Lobby").isVisible()).toBe(false);
  await bob.page.goBack();
  await bob.lists("Lobby");
  expect(await bob.field.count()).toBe(0);
  await bob.page.goForward();
  await bob.press("Channels of Bob");
  await bob.lists("Lobby");
  expect(await bob.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  expect(bob.loads()).toBe(1);
});

test("a channel with somebody whom nobody knows is refused in words", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  await bob.press("New channel");
  await bob.page.getByLabel("Account", { exact: true }).fill("nobody");
  await bob.page.keyboard.press("Enter");
  await bob.page.getByRole("alert").getByText("account:nobody").waitFor();
  await bob.page.keyboard.press("Escape");
  await bob.page.getByRole("dialog").waitFor({ state: "detached" });
});
