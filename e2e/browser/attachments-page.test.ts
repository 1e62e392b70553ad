import { readFile } from "node:fs/promises";
import { createClient } from "@anywire/client";
import type { Browser, Page } from "playwright-core";
import { expect, test } from "vitest";
import { type AccountPage, type ChosenFile, openAccountPage } from "./account-page.ts";
import { startDevServer, tokenFrom } from "./dev-server.ts";
import { openBrowser } from "./open-browser.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const NOTES: ChosenFile = {
  name: "notes.txt",
  mimeType: "text/plain",
  buffer: Buffer.from("buy milk"),
};

/** Bob and June, each on a device of their own, in the direct channel that they share. */
async function openBoth(browser: Browser, url: string): Promise<[AccountPage, AccountPage]> {
  const bob = await openAccountPage(browser, url, "bob");
  const june = await openAccountPage(browser, url, "june");
  await june.openDirect("bob");
  await bob.open("June");
  return [bob, june];
}

/** A PNG of one colour. */
async function imageOf(page: Page, name: string, width: number, height: number) {
  const data = await page.evaluate(
    ([w = 0, h = 0]) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: w, height: h });
      const context = canvas.getContext("2d");
      if (context !== null) context.fillStyle = "#369";
      context?.fillRect(0, 0, w, h);
      return canvas.toDataURL("image/png").split(",")[1] ?? "";
    },
    [width, height],
  );
  return { name, mimeType: "image/png", buffer: Buffer.from(data, "base64") };
}

/** Resolves when an image is there as a picture; gives the size at which it is shown. */
async function shownSize({ picture }: AccountPage, name: string) {
  const image = picture(name);
  await image.waitFor();
  await expect.poll(() => image.evaluate((img: HTMLImageElement) => img.naturalWidth)).not.toBe(0);
  const box = await image.boundingBox();
  return { width: Math.round(box?.width ?? 0), height: Math.round(box?.height ?? 0) };
}

test("an image and a file are with the other one, who opens them, also after a reload", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const [bob, june] = await openBoth(browser, url);
  await bob.attach(await imageOf(bob.page, "lake.png", 800, 500), NOTES);
  await bob.field.fill("look");
  await bob.sendAttached();

  expect(await june.settled(1)).toEqual(["look"]);
  expect(await shownSize(june, "lake.png")).toEqual({ width: 320, height: 200 });
  const source = await june.picture("lake.png").getAttribute("src");
  expect(source).toMatch(/\/thumbnail$/);

  const opened = june.page.context().waitForEvent("page");
  await june.picture("lake.png").click();
  const whole = (await opened).locator("img");
  await whole.waitFor();
  expect(await whole.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(800);

  const downloaded = june.page.waitForEvent("download");
  await june.root.getByRole("link", { name: "notes.txt 8 bytes" }).click();
  const download = await downloaded;
  expect(download.suggestedFilename()).toBe("notes.txt");
  expect(await readFile(await download.path(), "utf8")).toBe("buy milk");

  await june.page.reload();
  expect(await june.settled(1)).toEqual(["look"]);
  expect(await shownSize(june, "lake.png")).toEqual({ width: 320, height: 200 });
  await june.shows("notes.txt");
  for (const { problems } of [bob, june]) expect(problems).toEqual([]);
});

test("a message may have no text, and is told of by what it is", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const [bob, june] = await openBoth(browser, url);
  await june.open("Lobby");
  await bob.attach(await imageOf(bob.page, "lake.png", 60, 40));
  await bob.sendAttached();
  await june.row("Bob").getByText("Photo", { exact: true }).waitFor();
  await june.open("Bob");
  expect(await shownSize(june, "lake.png")).toEqual({ width: 60, height: 40 });
});

test("places, cards and images from elsewhere are cards, and nothing is fetched from elsewhere", async (context) => {
  const browser = await openBrowser(context);
  const server = await startDevServer();
  const client = createClient({ url: server.url, token: await tokenFrom(server, "june") });
  client.connect();
  await client.channel("production.group.lobby").send({
    parts: [
      { type: "location", latitude: 52.5, longitude: 13.4, label: "The cabin" },
      { type: "card", title: "For rent", text: "Three rooms", url: "https://rent.example/lake" },
      { type: "image", url: "https://rent.example/lake.png", name: "lake.png" },
      { type: "audio", url: `/v1/attachments/production.${"0".repeat(40)}`, name: "memo.mp3" },
    ],
  });
  client.disconnect();
  const bob = await openAccountPage(browser, server.url, "bob");
  const asked: string[] = [];
  bob.page.on("request", (request) => asked.push(new URL(request.url()).host));
  await bob.open("Lobby");
  for (const text of ["The cabin", "52.5, 13.4", "For rent", "Three rooms"]) await bob.shows(text);
  const addressOf = (name: string) =>
    bob.root.getByRole("link", { name, exact: true }).getAttribute("href");
  expect(await addressOf("rent.example")).toBe("https://rent.example/lake");
  expect(await addressOf("lake.png rent.example")).toBe("https://rent.example/lake.png");
  await bob.root.getByLabel("memo.mp3").waitFor();
  expect(asked).not.toContain("rent.example");
});

test("a type that is refused says why, and nothing is sent before it is taken away", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const [bob, june] = await openBoth(browser, url);
  await bob.attach({ ...NOTES, name: "setup.exe", mimeType: "application/x-msdownload" });
  await bob.root.getByRole("alert").getByText("application/x-msdownload is not accepted").waitFor();
  await bob.say("here it is");
  expect(await bob.field.inputValue()).toBe("here it is");
  expect(await bob.root.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
  await bob.press("Retry");
  await bob.shows("application/x-msdownload is not accepted");
  await bob.press("Remove setup.exe");
  await bob.field.press("Enter");
  expect(await june.settled(1)).toEqual(["here it is"]);
});

test("an upload that is cancelled leaves nothing in the message", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const [bob, june] = await openBoth(browser, url);
  const held = Promise.withResolvers<void>();
  await bob.page.route(/\/v1\/attachments\?name=notes/, () => held.resolve());
  const image = await imageOf(bob.page, "lake.png", 60, 40);
  await bob.attach(NOTES, image);
  await held.promise;
  await bob.root.getByRole("progressbar", { name: "Upload of notes.txt" }).waitFor();
  await bob.say("only the lake");
  expect(await bob.root.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
  await bob.press("Cancel notes.txt");
  await bob.sendAttached();
  expect(await june.settled(1)).toEqual(["only the lake"]);
  await shownSize(june, "lake.png");
  expect(await june.root.getByText("notes.txt").count()).toBe(0);
  expect(await bob.root.getByText("notes.txt").count()).toBe(0);
});

test("what is attached and not sent stays with its channel", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const [bob, june] = await openBoth(browser, url);
  await bob.attach(NOTES);
  await bob.open("Lobby");
  await bob.shows("Nothing has been said yet");
  expect(await bob.root.getByText("notes.txt").count()).toBe(0);
  await bob.open("June");
  await bob.shows("notes.txt");
  await bob.sendAttached();
  await june.shows("notes.txt");
});

test("files are dropped on the conversation and pasted into the field", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const [bob, june] = await openBoth(browser, url);
  const dataTransfer = await bob.page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
    return transfer;
  });
  const log = bob.root.getByRole("log");
  await log.dispatchEvent("dragover", { dataTransfer });
  await log.dispatchEvent("drop", { dataTransfer });
  await bob.shows("dropped.txt");
  await bob.field.evaluate((field) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(["pasted"], "pasted.txt", { type: "text/plain" }));
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  });
  await bob.shows("pasted.txt");
  await bob.sendAttached();
  await june.shows("dropped.txt");
  await june.shows("pasted.txt");
});

test("on a phone a picture is as wide as there is room, and a message's options are a menu", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const [bob] = await openBoth(browser, url);
  await bob.attach(await imageOf(bob.page, "lake.png", 800, 500));
  await bob.sendAttached();
  const june = await openAccountPage(browser, url, "june", PHONE);
  await june.open("Bob");
  const { width, height } = await shownSize(june, "lake.png");
  expect(width).toBeGreaterThan(280);
  expect(width).toBeLessThan(330);
  expect(width / height).toBeCloseTo(1.6, 1);
  expect(await june.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

  await june.say("what a lake");
  await june.settled(1);
  await june.root.getByRole("log").getByText("what a lake").tap();
  await june.root.getByRole("button", { name: "Message options" }).tap();
  await june.page.getByRole("menuitem", { name: "Delete", exact: true }).tap();
  await june.root.getByRole("button", { name: "Delete for everyone" }).tap();
  await june.root.getByRole("log").getByText("Message deleted").waitFor();
});
