import { expect, test } from "vitest";
import { startDevServer, tokenFrom } from "./dev-server.ts";
import { openFirstPage, paneOf } from "./first-page.ts";
import { openBrowser } from "./open-browser.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

test("a phone shows one side at a time, and tells of news on the other", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const { page, bob, june, problems } = await openFirstPage(browser, url, PHONE);
  await bob.shows("June is here");
  expect(await june.root.isVisible()).toBe(false);
  await bob.say("over there");
  await page.getByTitle("New messages").waitFor();
  await page.getByRole("tab", { name: "June" }).click();
  await june.shows("over there");
  expect(await bob.root.isVisible()).toBe(false);
  expect(await page.getByTitle("New messages").count()).toBe(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  expect(problems).toEqual([]);
});

test("where the server hands out no tokens the page asks for them", async (context) => {
  const browser = await openBrowser(context);
  const server = await startDevServer();
  const { page } = await openFirstPage(browser, "about:blank");
  await page.route("**/dev/token", (route) => route.fulfill({ status: 404 }));
  await page.goto(server.url);
  await page.getByLabel("Token", { exact: true }).fill(await tokenFrom(server, "ann"));
  await page.getByRole("button", { name: "Open the conversation" }).click();
  const ann = paneOf(page, "pane-session-0");
  await ann.shows("Ann");
  await ann.say("alone here");
  expect(await ann.settled(1)).toEqual(["alone here"]);
  expect(await page.getByRole("region").count()).toBe(1);
});

test("a channel that can't be opened says why", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const { bob } = await openFirstPage(browser, `${url}/?channel=production.nope.lobby`);
  await bob.shows("This channel can’t be opened");
  await bob.shows(/no channel type nope/);
  expect(await bob.field.isDisabled()).toBe(true);
});

test("everything can be done with the keyboard alone", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const { page, bob, june } = await openFirstPage(browser, url);
  await bob.shows("June is here");
  await page.keyboard.type("no mouse");
  await page.keyboard.press("Enter");
  await june.shows("no mouse");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await bob.shows("Offline");
  await page.keyboard.press("Enter");
  await bob.shows("June is here");
});
