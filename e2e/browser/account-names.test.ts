import { createClient } from "@anywire/client";
import { expect, test } from "vitest";
import { openAccountPage } from "./account-page.ts";
import { startDevServer, tokenFrom } from "./dev-server.ts";
import { openBrowser } from "./open-browser.ts";

test("people are called as their profile says, wherever they are named", async (context) => {
  const browser = await openBrowser(context);
  const server = await startDevServer();
  const client = createClient({ url: server.url, token: await tokenFrom(server, "june") });
  client.connect();
  await client.call("me.update", { name: "June Carter" });
  client.disconnect();

  const bob = await openAccountPage(browser, server.url, "bob");
  const june = await openAccountPage(browser, server.url, "june");
  await june.openGroup("Design", "bob");
  await june.say("hello");
  await bob.row("Design").getByText("June Carter: hello").waitFor();
  await bob.open("Design");
  await bob.shows("June Carter is here");
  await bob.root.getByRole("log").getByText("June Carter", { exact: true }).waitFor();
  await bob.openDirect("june");
  await bob.root.getByRole("heading", { name: "June Carter" }).waitFor();
  await june.shows("June Carter");
  expect(await june.field.getAttribute("aria-label")).toBe("Message as June Carter");
});
