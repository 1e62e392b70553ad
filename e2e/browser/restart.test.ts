import { expect, test } from "vitest";
import { startDevServer } from "./dev-server.ts";
import { openFirstPage, type Pane } from "./first-page.ts";
import { openBrowser } from "./open-browser.ts";

const EACH = 12;

test("over a server killed in the middle both come back by themselves, with every message once", async (context) => {
  const browser = await openBrowser(context);
  const server = await startDevServer();
  const { page, bob, june } = await openFirstPage(browser, server.url);
  await bob.shows("June is here");
  await june.shows("Bob is here");

  const talking = talk(bob, june);
  await june.shows("bob 4");
  await server.kill();
  await talking;
  await bob.shows("Reconnecting");
  await june.shows("Reconnecting");
  await bob.say("while it is gone");
  await server.start();
  await bob.shows("June is here");
  await june.shows("Bob is here");

  const seenByBob = await bob.settled(2 * EACH + 1);
  const seenByJune = await june.settled(2 * EACH + 1);
  expect(seenByJune).toEqual(seenByBob);
  const fromBob = seenByBob.filter((text) => !text.startsWith("june"));
  expect(fromBob).toEqual([...lines("bob"), "while it is gone"]);
  expect(seenByBob.filter((text) => text.startsWith("june"))).toEqual(lines("june"));

  await page.reload();
  expect(await bob.settled(2 * EACH + 1)).toEqual(seenByBob);
});

/** By turns: both sides are on one page, which has one keyboard. */
async function talk(bob: Pane, june: Pane): Promise<void> {
  for (const [i, line] of lines("bob").entries()) {
    await bob.say(line);
    await june.say(lines("june")[i] ?? "");
  }
}

function lines(name: string): string[] {
  return Array.from({ length: EACH }, (_, i) => `${name} ${i + 1}.`);
}
