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
  /** What can be done with one's own message there. */
  readonly tools: readonly string[];
  /** On some networks the person has to write first. */
  readonly writesFirst?: boolean;
}

const ANN = "+447700900123";

/** Where nothing that left can be changed. */
const LEFT_FOR_GOOD = ["Delete on your side"];
const REACTIONS = ["React with 👍", "React with ❤️", "React with 😂"];
const CHANGES = ["Reply", "Edit", "Delete"];

const PEOPLE: readonly Somebody[] = [
  {
    ...{ network: "SMS", label: "Phone number", handset: "Twilio SMS" },
    tools: LEFT_FOR_GOOD,
    ...{ person: ANN, arrived: "Delivered" },
  },
  {
    ...{ network: "WhatsApp", label: "Phone number", handset: "WhatsApp" },
    tools: [...REACTIONS, "Reply", ...LEFT_FOR_GOOD],
    ...{ person: ANN, arrived: "Delivered", writesFirst: true },
  },
  {
    ...{ network: "Email", label: "Email address", handset: "Email" },
    tools: ["Reply", ...LEFT_FOR_GOOD],
    ...{ person: "ann@example.org", arrived: "Sent" },
  },
  {
    ...{ network: "X", label: "User id", handset: "X" },
    tools: LEFT_FOR_GOOD,
    ...{ person: "6253282", arrived: "Sent" },
  },
  {
    ...{ network: "LinkedIn", label: "Member id", handset: "LinkedIn" },
    tools: LEFT_FOR_GOOD,
    ...{ person: "ann-8Rk2xW", arrived: "Sent" },
  },
  {
    ...{ network: "Telegram", label: "User id", handset: "Telegram" },
    tools: ["React with 👍", "React with ❤️", "React with 😁", ...CHANGES],
    ...{ person: "900123", arrived: "Sent", writesFirst: true },
  },
  {
    ...{ network: "Slack", label: "Member id", handset: "Slack" },
    tools: [...REACTIONS, ...CHANGES],
    ...{ person: "U012AB3CD", arrived: "Sent" },
  },
  {
    ...{ network: "Pigeon", label: "Loft", handset: "Carrier pigeon" },
    tools: LEFT_FOR_GOOD,
    ...{ person: "loft-7", arrived: "Delivered" },
  },
];

test("over every network: out, read on the handset, answered there, seen and counted in the window, in one channel, with what can be done there", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  const handsets = await openHandsetPage(browser, url, { search: "?open=" });
  const channels = bob.root.getByRole("navigation").getByRole("listitem");

  for (const [i, somebody] of PEOPLE.entries()) {
    const { network, label, handset, person, arrived, tools, writesFirst } = somebody;
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
    await expect
      .poll(() => bob.tools(`hello by ${network}`), { message: network, timeout: 15_000 })
      .toEqual(tools);

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
}, 120_000);

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

test("what a network can't take back is deleted on one's own side, and the window says so; what it can is gone there too", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  const handsets = await openHandsetPage(browser, url, { search: "?open=" });
  for (const [network, label, handset, person] of [
    ["SMS", "Phone number", "Twilio SMS", ANN],
    ["Slack", "Member id", "Slack", "U012AB3CD"],
  ] as const) {
    await bob.openOutside(network, label, person);
    await bob.field.fill(`slip by ${network}`);
    await bob.field.press("Enter");
    await handsets.openBy(`slip by ${network}`);
    await handsets.device(person, handset).shows(`slip by ${network}`);
  }
  const slack = handsets.device("U012AB3CD", "Slack");
  await bob.ticks("Sent");
  await bob.use("slip by Slack", "Delete");
  await bob.press("Delete for everyone");
  await slack.root.getByText("slip by Slack").waitFor({ state: "detached" });

  await bob.open(ANN);
  await bob.ticks("Delivered");
  await bob.use("slip by SMS", "Delete on your side");
  const question = bob.root.getByRole("group", { name: "Delete this message?" });
  await question.getByText("SMS can’t take it back.").waitFor();
  await question.getByRole("button", { name: "Delete on your side" }).click();
  await bob.shows("Message deleted");
  await handsets.device(ANN, "Twilio SMS").shows("slip by SMS");
});

test("a file that a network does not show says that it goes as a link", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const bob = await openAccountPage(browser, url, "bob");
  // With it there are the networks.
  await openHandsetPage(browser, url);
  await bob.openOutside("X", "User id", "6253282");
  const [name, mimeType] = ["notes.txt", "text/plain"];
  await bob.attach({ name, mimeType, buffer: Buffer.from("two cups") });
  await bob.shows("Goes as a link over X.");
});

test("a new channel can be chosen from the first moment on: nothing moves when the dialog is there", async (context) => {
  const browser = await openBrowser(context);
  const { url } = await startDevServer();
  const { page, root } = await openAccountPage(browser, url, "bob");
  await openHandsetPage(browser, url);
  await page.evaluate(() => {
    const places: string[] = [];
    Object.assign(window, { places });
    const note = (): void => {
      const choices = [...document.querySelectorAll("dialog[open] .choice")];
      const boxes = choices.map((one) => one.getBoundingClientRect());
      const place = boxes.map(({ x, y }) => `${x},${y}`).join(" ");
      if (place !== "" && place !== places.at(-1)) places.push(place);
      requestAnimationFrame(note);
    };
    note();
  });
  await root.getByRole("button", { name: "New channel" }).click();
  const dialog = page.getByRole("dialog");
  for (const type of ["Group", "Email", "Pigeon", "Direct"]) {
    await dialog.getByText(type, { exact: true }).click();
    await expect.poll(() => dialog.getByRole("radio", { name: type }).isChecked()).toBe(true);
  }
  const places = await page.evaluate(() => (window as unknown as { places: string[] }).places);
  expect(places).toHaveLength(1);
});
