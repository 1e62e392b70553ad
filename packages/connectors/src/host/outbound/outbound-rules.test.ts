import { type ExchangeDocument, exchangeKey } from "@anywire/core";
import { afterEach, expect, test, vi } from "vitest";
import { CONNECTION_TEST } from "../connections/try-connection.ts";
import { createDesks, DESK_BACKENDS, PATIENT } from "./outbound-desk.fixture.ts";
import { rejected } from "./scripted-connector.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

test("an address that the network wants left alone is written to no more", async () => {
  const { network, desk, channel } = await setUp();
  network.script.push(() => rejected("opted_out", { suppressAddress: true }));
  desk.outbound.start();
  await desk.say(channel, "one");
  await desk.untilStatus(channel, "failed");
  await desk.say(channel, "two");
  const all = await desk.until(channel, (them) => them.filter((d) => !d.isOpen).length === 2);
  expect(all.map(({ error }) => error?.class)).toEqual(["opted_out", "consent"]);
  expect(network.jobs).toHaveLength(1);
});

test.each([
  ["main", "main"],
  ["every connection", null],
])("who said no to %s gets nothing, and gets it again after a yes", async (_, connection) => {
  const { network, desk, channel } = await setUp();
  const consent = (state: string) =>
    desk.append("p.contact.c1", "consent", {
      address: "phone:+447700900001",
      connection,
      state,
      source: "keyword",
      reason: "STOP",
    });
  await consent("out");
  desk.outbound.start();
  await desk.say(channel, "one");
  const delivery = await desk.untilStatus(channel, "failed");
  expect(delivery.error).toMatchObject({ class: "consent" });
  expect(network.jobs).toEqual([]);
  await consent("in");
  await desk.say(channel, "two");
  await vi.waitFor(() => expect(network.texts).toEqual(["two"]), PATIENT);
});

test.each([
  ["template_needed", { replyWindowMs: 86_400_000, templatesOutside: true }],
  ["window_closed", { replyWindowMs: 86_400_000 }],
  ["consent", { consentRequired: true }],
])("the network's rules refuse with %s, before it is called", async (kind, policy) => {
  const { network, desk, channel } = await setUp({ policy });
  desk.outbound.start();
  await desk.say(channel, "hello");
  const delivery = await desk.untilStatus(channel, "failed");
  expect(delivery.error).toMatchObject({ class: kind });
  expect(network.jobs).toEqual([]);
});

test("within the reply window one may write", async () => {
  const { network, desk, channel } = await setUp({ policy: { replyWindowMs: 60_000 } });
  await desk.append("p.connection.main", "inbound", {
    step: "routed",
    externalId: "in-1",
    contact: "contact:c1",
    address: "phone:+447700900001",
    receiver: null,
    channel,
    message: "m-in",
    at: 1,
  });
  desk.outbound.start();
  await desk.say(channel, "hello");
  await desk.untilStatus(channel, "sent");
  expect(network.texts).toEqual(["hello"]);
});

test.each(["before", "after"])(
  "who wrote as a contact that became another one may be answered, also when it did so %s the answer was said",
  async (when) => {
    const { network, desk, channel } = await setUp({ policy: { replyWindowMs: 60_000 } });
    await desk.append("p.connection.main", "inbound", {
      step: "routed",
      externalId: "in-1",
      contact: "contact:c1",
      address: "phone:+447700900001",
      receiver: null,
      channel,
      message: "m-in",
      at: 1,
    });
    await desk.contact("c2");
    const merge = () =>
      desk.append("p.contact.c2", "contact", { action: "merged", from: "c1", reason: "the same" });
    if (when === "before") await merge();
    else {
      network.script.push(async () => {
        await merge();
        return rejected("rate_limited", { retryAfterMs: 1 });
      });
    }
    desk.outbound.start();
    await desk.say(channel, "hello");
    await desk.untilStatus(channel, "sent");
    expect(network.texts.at(-1)).toBe("hello");
  },
);

test("where a person must stand behind each message, what a function says is refused", async () => {
  const { network, desk, channel } = await setUp({ policy: { humanActionRequired: true } });
  desk.outbound.start();
  await desk.say(channel, "robot", { trace: { id: "t", via: ["greeter"] } });
  const delivery = await desk.untilStatus(channel, "failed");
  expect(delivery.error).toMatchObject({ class: "human_action_required" });
  await desk.say(channel, "human");
  await vi.waitFor(() => expect(network.texts).toEqual(["human"]), PATIENT);
});

test("a message that waited for longer than it may is not sent", async () => {
  const { network, desk, channel } = await setUp({}, { settings: { lifetimeMs: 150 } });
  await desk.change("main", { isEnabled: false });
  await desk.change("main", { isEnabled: true });
  network.otherwise = () => rejected("auth");
  desk.outbound.start();
  await desk.say(channel, "late");
  const delivery = await desk.untilStatus(channel, "failed");
  expect(delivery.error).toMatchObject({ class: "expired" });
});

// Ann's answers to Bob went to whoever had tried the connection out with her number, and Bob saw none.
test("a message that tries the connection out leaves the conversation where it is", async () => {
  const { network, desk, channel } = await setUp();
  const trial = await desk.channel("p.test.trial", ["c1"]);
  const exchange = async () => {
    const { values } = await desk.stores.state.get([exchangeKey("p", "main", "contact:c1")]);
    return values[0] as ExchangeDocument | undefined;
  };
  desk.outbound.start();
  await desk.say(channel, "one");
  await desk.untilStatus(channel, "sent");
  await desk.say(trial, "a test", { client: CONNECTION_TEST, sender: "account:ops" });
  await desk.untilStatus(trial, "sent");
  expect(network.texts).toEqual(["one", "a test"]);
  expect(await exchange()).toMatchObject({ channel });
  await desk.say(trial, "a talk", { sender: "account:ops" });
  await desk.until(trial, (all) => all[1]?.status === "sent");
  expect(await exchange()).toMatchObject({ channel: trial });
});
