import { createClient } from "@anywire/client";
import { expect, test } from "vitest";
import { type DevServer, startDevServer, tokenFrom } from "./dev-server.ts";
import { openFirstPage } from "./first-page.ts";
import { openBrowser } from "./open-browser.ts";

const LOBBY = "production.group.lobby";
const COUNT = 120;

test("scrolling up reads the older messages, and what one looks at stays where it is", async (context) => {
  const browser = await openBrowser(context);
  const server = await startDevServer();
  const texts = Array.from({ length: COUNT }, (_, i) => `message ${i + 1}.`);
  await sayAll(server, texts);

  const { bob } = await openFirstPage(browser, server.url);
  await bob.shows(`message ${COUNT}.`);
  await bob.hides("message 1.");
  const oldest = bob.root.getByText("message 81.");
  await oldest.evaluate((element) => element.scrollIntoView({ block: "start" }));
  await bob.root.getByText("message 80.").waitFor();
  const top = (await bob.root.getByRole("log").boundingBox())?.y ?? 0;
  expect((await oldest.boundingBox())?.y).toBeCloseTo(top, 0);

  await bob.root.getByText("message 41.").evaluate((element) => element.scrollIntoView());
  await bob.shows("message 1.");
  expect(await bob.settled(COUNT)).toEqual(texts);

  await bob.press("Newest messages");
  await bob.root.getByRole("button", { name: "Newest messages" }).waitFor({ state: "hidden" });
  const newest = await bob.root.getByText(`message ${COUNT}.`).boundingBox();
  expect(newest?.y).toBeLessThan((await bob.field.boundingBox())?.y ?? 0);
});

async function sayAll(server: DevServer, texts: readonly string[]): Promise<void> {
  const client = createClient({ url: server.url, token: await tokenFrom(server, "june") });
  client.connect();
  const lobby = client.channel(LOBBY);
  for (const text of texts) await lobby.send(text);
  client.disconnect();
}
