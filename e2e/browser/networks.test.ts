import { expect, test } from "vitest";
import { openAccountPage } from "./account-page.ts";
import { startDevServer } from "./dev-server.ts";
import { openHandsetPage } from "./handset-page.ts";
import { openBrowser } from "./open-browser.ts";

/** A network with somebody on it. */
interface Somebody {
  readonly network: string;
  /** What Bob's window asks for, and where it stands on the page of the handsets. */
  readonly label: string;
  readonly handset: string;
  readonly person: string;
  /** What its receipts tell of a message that arrived. */
  readonly arrived: string;
  /** On some networks the person has to write first. */
  readonly writesFirst?: boolean;
}

const ANN = "+447700900123";

const PEOPLE: readonly Somebody[] = [
  {
    ...{ network: "SMS", label: "Phone number", handset: "Twilio SMS" },
    ...{ person: ANN, arrived: "Delivered" },
  },
  {
    ...{ network: "WhatsApp", label: "Phone number", handset: "WhatsApp" },
    ...{ person: ANN, arrived: "Delivered", writesFirst: true },
  },
  {
    ...{ network: "Email", label: "Email address", handset: "Email" },
    ...{ person: "ann@example.org", arrived: "Sent" },
  },
  {
    ...{ network: "X", label: "User id", handset: "X" },
    ...{ person: "6253282", arrived: "Sent" },
  },
  {
    ...{ network: "LinkedIn", label: "Member id", handset: "LinkedIn" },
    ...{ person: "ann-8Rk2xW", arrived: "Sent" },
  },
  {
    ...{ network: "Telegram", label: "User id", handset: "Telegram" },
    ...{ person: "900123", arrived: "Sent", writesFirst: true },
  },
  {
    ...{ network: "Slack", label: "Member id", handset: "Slack" },
    ...{ person: "U012AB3CD", arrived: "Sent" },
  },
  {
    ...{ network: "Pigeon", label: "Loft", handset: "Carrier pigeon" },
    ...{ person: "loft-7", arrived: "Delivered" },
  },
];

test("over every network: out, read on the handset, answered there, seen and counted in the window, in one channel", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  const handsets = await openHandsetPage(browser, url, { search: "?open=" });
  const channels = bob.root.getByRole("navigation").getByRole("listitem");

  for (const [i, { network, label, handset, person, arrived, writesFirst }] of PEOPLE.entries()) {
    const device = handsets.device(person, handset);
    if (writesFirst === true) {
      await handsets.add(handset, person);
      await device.say(`first by ${network}`);
      await bob.lists(`first by ${network}`);
    }
    await bob.openOutside(network, label, person);
    await bob.field.fill(`hello by ${network}`);
    await bob.field.press("Enter");
    if (writesFirst !== true) await handsets.openBy(`hello by ${network}`);
    await device.shows(`hello by ${network}`);
    await bob.ticks(arrived);

    await bob.open("Lobby");
    await device.say(`answer by ${network}`);
    await bob.counts(`answer by ${network}`, 1);
    await bob.isCalled("(1) Anywire");
    await bob.openOutside(network, label, person);
    await bob.shows(`answer by ${network}`);
    await bob.isCalled("Anywire");
    // The lobby, and one for each so far.
    expect(await channels.count(), network).toBe(i + 2);
  }
  for (const { problems } of [bob, handsets]) expect(problems).toEqual([]);
});

test("who wrote STOP gets nothing, and the window says why; after START it is sent again", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  const handsets = await openHandsetPage(browser, url);
  const phone = handsets.device(ANN, "Twilio SMS");
  await phone.say("STOP");
  await bob.open(ANN);
  await bob.field.fill("one more thing");
  await bob.field.press("Enter");
  await bob.shows(/Not delivered by SMS: the person said no on .* until they say yes again\./);
  expect(await phone.root.getByText("one more thing").count()).toBe(0);

  await phone.say("START");
  await bob.shows("START");
  await bob.press("Retry");
  await phone.shows("one more thing");
  await bob.root.getByText("Not delivered by SMS").waitFor({ state: "detached" });
  expect(await phone.root.getByText("one more thing").count()).toBe(1);
});

test("over a restart the conversation goes on, though the networks are new", async (context) => {
  const browser = await openBrowser(context);
  const server = await startDevServer();
  const bob = await openAccountPage(browser, server.url, "bob");
  const handsets = await openHandsetPage(browser, server.url);
  const phone = handsets.device(ANN, "Twilio SMS");
  await bob.openOutside("SMS", "Phone number", ANN);
  await bob.field.fill("before");
  await bob.field.press("Enter");
  await phone.shows("before");
  await bob.ticks("Delivered");

  await server.kill();
  await bob.shows("Reconnecting");
  await server.start();
  await bob.shows("Connected");
  await phone.root.getByText("before").waitFor({ state: "detached" });
  await bob.field.fill("after");
  await bob.field.press("Enter");
  await phone.shows("after");
  await phone.say("still here");
  await bob.shows("still here");
  expect(await bob.settled(3)).toEqual(["before", "after", "still here"]);
  expect([bob.loads(), await phone.root.getByText("before").count()]).toEqual([1, 0]);
});
