import { expect, test } from "vitest";
import { openAccountPage } from "./account-page.ts";
import { startDevServer } from "./dev-server.ts";
import { openHandsetPage } from "./handset-page.ts";
import { openBrowser } from "./open-browser.ts";

const ANN = "+447700900123";
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

test("an SMS from a window is read on the phone and answered there, and a second one is the same conversation", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  const handset = await openHandsetPage(browser, url);
  await bob.openOutside("SMS", "Phone number", "+44 7700 900123");
  await bob.field.fill("is the cabin free?");
  await bob.field.press("Enter");
  const phone = handset.device(ANN, "Twilio SMS");
  await phone.shows("is the cabin free?");
  await bob.ticks("Delivered");
  await phone.say("yes, it is");
  await bob.shows("yes, it is");

  await bob.open("Lobby");
  await phone.say("from Friday on");
  await bob.counts(ANN, 1);
  await bob.openOutside("SMS", "Phone number", ANN);
  await bob.shows("from Friday on");
  expect(await bob.root.getByRole("navigation").getByText(ANN, { exact: true }).count()).toBe(1);
  for (const { problems } of [bob, handset]) expect(problems).toEqual([]);
});

test("what a network refused says why, and is sent again when it can be; the person reads it", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  const handset = await openHandsetPage(browser, url);
  await bob.openOutside("WhatsApp", "Phone number", ANN);
  await bob.field.fill("good morning");
  await bob.field.press("Enter");
  await bob.shows(/Not delivered by WhatsApp: the person last wrote more than 24 hours ago/);

  const phone = handset.device(ANN, "WhatsApp");
  await phone.say("hello there");
  await bob.shows("hello there");
  await bob.root.getByRole("button", { name: "Retry" }).click();
  await phone.shows("good morning");
  await bob.ticks("Delivered");
  await phone.root.getByRole("button", { name: "Mark it as read" }).click();
  await bob.ticks("Read");
  for (const { problems } of [bob, handset]) expect(problems).toEqual([]);
});

test("what goes wrong in the network shows once, and arrives once", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  const handset = await openHandsetPage(browser, url);
  const phone = handset.device(ANN, "Twilio SMS");
  await phone.choose("Make something go wrong…");
  const dialog = handset.page.getByRole("dialog");
  await dialog.getByText("Twice", { exact: true }).click();
  await dialog.getByRole("button", { name: "Let it happen" }).click();
  await dialog.getByText("“Twice” happens to the next one.").waitFor();
  await dialog.getByText("Too many requests").click();
  await dialog.getByRole("button", { name: "Let it happen" }).click();
  await dialog.getByText("“Too many requests” happens to the next one.").waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();

  await phone.say("said twice");
  await bob.open(ANN);
  await bob.shows("said twice");
  await bob.field.fill("held up");
  await bob.field.press("Enter");
  await phone.shows("held up");
  await bob.ticks("Delivered");
  expect(await bob.settled(2)).toEqual(["said twice", "held up"]);
  expect(await phone.root.getByText("held up").count()).toBe(1);
});

test("only what can go wrong in a network is offered", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const handset = await openHandsetPage(browser, url, { search: "?open=" });
  for (const [network, person, tellsFailures] of [
    ["X", "6253282", false],
    ["Carrier pigeon", "loft-7", true],
  ] as const) {
    await handset.add(network, person);
    await handset.device(person, network).choose("Make something go wrong…");
    const dialog = handset.page.getByRole("dialog");
    await dialog.getByText("Too many requests").waitFor();
    expect(await dialog.getByText("Taken, then not delivered").count()).toBe(tellsFailures ? 1 : 0);
    await dialog.getByRole("button", { name: "Cancel" }).click();
  }
});

test("who is open comes back after a reload, also with another number; a mailbox answers in its thread", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  const handset = await openHandsetPage(browser, url, { search: "?open=" });
  await handset.add("WhatsApp", "+44 7700 900456");
  const before = handset.device("+447700900456", "WhatsApp");
  await before.say("it is me");
  await bob.open("+447700900456");
  await before.choose("Get another phone number…");
  await before.root.getByRole("textbox", { name: "A phone number" }).fill("+447700900789");
  await handset.page.keyboard.press("Enter");
  const after = handset.device("+447700900789", "WhatsApp");
  await after.shows("it is me");
  await handset.add("Email", "ann@example.org");

  await handset.page.reload();
  await after.say("still me");
  await bob.shows("still me");
  const mailbox = handset.device("ann@example.org", "Email");
  await mailbox.root.getByRole("textbox", { name: "Subject" }).fill("A cup");
  await mailbox.say("It came broken.");
  await bob.open("A cup");
  await bob.field.fill("We send another.");
  await bob.field.press("Enter");
  await mailbox.shows("We send another.");
  await mailbox.shows("Answer to");
  await mailbox.say("Thank you!");
  await bob.shows("Thank you!");
  expect(await before.root.count()).toBe(0);
  expect(handset.problems).toEqual([]);
});

test("a phone shows one handset at a time, and nothing stands out of its width", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const handset = await openHandsetPage(browser, url, PHONE);
  const { page } = handset;
  await handset.add("Slack", "U0ANN00009");
  const slack = handset.device("U0ANN00009", "Slack");
  await slack.say("anyone?");
  await slack.root.getByRole("log").getByText("anyone?").waitFor();
  expect(await page.locator(".device").count()).toBe(1);
  await page.getByRole("button", { name: "People" }).click();
  await handset.openBy("anyone?");
  await slack.shows("anyone?");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  expect(handset.problems).toEqual([]);
});

test("a picture goes both ways", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  const handset = await openHandsetPage(browser, url);
  const phone = handset.device(ANN, "WhatsApp");
  const picture = await handset.page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 60, height: 40 });
    return canvas.toDataURL("image/png").split(",")[1] ?? "";
  });
  const file = { name: "cup.png", mimeType: "image/png", buffer: Buffer.from(picture, "base64") };
  await phone.root.locator("input[type=file]").setInputFiles(file);
  await phone.say("broken");
  await bob.open(ANN);
  await bob.shows("broken");
  const log = bob.root.getByRole("log");
  await expect
    .poll(() =>
      log
        .getByRole("img")
        .first()
        .evaluate((img: HTMLImageElement) => img.naturalWidth),
    )
    .toBe(60);
  await bob.attach({ ...file, name: "new.png" });
  await bob.sendAttached();
  const arrived = phone.root.locator("img").nth(1);
  await arrived.waitFor();
  await expect.poll(() => arrived.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(60);
  expect(handset.problems).toEqual([]);
});
