import { expect, test } from "vitest";
import { startDevServer } from "./dev-server.ts";
import { openFirstPage } from "./first-page.ts";
import { openBrowser } from "./open-browser.ts";

test("Bob and June see each other, talk both ways, and see each other typing", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const { bob, june, problems } = await openFirstPage(browser, url);
  await bob.shows("June is here");
  await june.shows("Bob is here");
  await bob.shows("Nothing has been said yet");

  await bob.say("Morning!");
  await june.shows("Morning!");
  await june.field.pressSequentially("Hi");
  await bob.shows("June is typing");
  await june.field.press("Shift+Enter");
  await june.field.pressSequentially("Bob");
  await june.field.press("Enter");
  await bob.hides("June is typing");

  const said = ["Morning!", "Hi\nBob"];
  expect(await bob.settled(2)).toEqual(said);
  expect(await june.settled(2)).toEqual(said);
  expect(await june.field.inputValue()).toBe("");
  expect(problems).toEqual([]);
});

test("what was said is there after a reload", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const { page, bob, june } = await openFirstPage(browser, url);
  await bob.say("one");
  await june.shows("one");
  await june.say("two");
  await june.settled(2);
  await page.reload();
  expect(await bob.settled(2)).toEqual(["one", "two"]);
});

test("what a message says is text, whatever it looks like", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const { bob, june, problems } = await openFirstPage(browser, url);
  const text = `<img src=x onerror="document.title='taken'"> & "quotes"`;
  await bob.say(text);
  expect(await june.settled(1)).toEqual([text]);
  expect(problems).toEqual([]);
});

test("a message that the server refuses says why, and can be tried again or given up", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const { bob, june } = await openFirstPage(browser, url);
  await june.shows("Bob is here");
  await bob.say("x".repeat(70_000));
  await bob.shows(/Not sent: .*65536 bytes/);
  await bob.press("Retry");
  await bob.shows(/Not sent: .*65536 bytes/);
  await bob.press("Discard");
  await bob.say("shorter");
  expect(await bob.settled(1)).toEqual(["shorter"]);
  expect(await june.settled(1)).toEqual(["shorter"]);
});

test("new messages of others are read out, those from before are not", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const { page, bob, june } = await openFirstPage(browser, url);
  const announced = june.root.locator("[aria-live=polite]");
  // Until the history is read, nobody can tell what is new.
  await june.shows("Nothing has been said yet");
  await bob.say("first");
  await announced.getByText("Bob: first").waitFor();
  await page.reload();
  await june.settled(1);
  expect(await announced.textContent()).toBe("");
});
