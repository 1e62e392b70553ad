import { expect, test } from "vitest";
import { startDevServer } from "./dev-server.ts";
import { openFirstPage } from "./first-page.ts";
import { openBrowser } from "./open-browser.ts";

test("what one misses offline is there on return, once each and in order", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const { bob, june, problems } = await openFirstPage(browser, url);
  await bob.say("before");
  await june.shows("before");

  await bob.press("Go offline");
  await bob.shows("Offline");
  await june.shows("Nobody else is here");
  const missed = ["one", "two", "three", "four", "five"];
  for (const text of missed) await june.say(text);
  await june.settled(6);
  await bob.say("written offline");
  await bob.root.getByRole("img", { name: "Sending" }).waitFor();
  await bob.hides("five");

  await bob.press("Come back");
  await bob.shows("5 missed messages recovered");
  const all = ["before", ...missed, "written offline"];
  expect(await bob.settled(7)).toEqual(all);
  expect(await june.settled(7)).toEqual(all);
  expect(problems).toEqual([]);
});
