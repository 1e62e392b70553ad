import type { DeliveryEntry } from "@anywire/types";
import { afterEach, expect, test, vi } from "vitest";
import type { SendResult } from "../../contract/send.ts";
import { createDesks, DESK_BACKENDS, PATIENT } from "./outbound-desk.fixture.ts";
import { rejected } from "./scripted-connector.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

type Answer = (result: SendResult) => void;
const unknown: SendResult = { outcome: "unknown", reason: "silence" };

/** A network that takes the first message, and answers when it is told to. */
async function setUpSilent(how: Parameters<typeof setUp>[0] = {}) {
  const desks = await setUp(how, { settings: { breakerFailures: 1, breakerPauseMs: 3_600_000 } });
  const { network, desk, channel } = desks;
  let answer: Answer = () => {};
  network.script.push(() => new Promise((resolve) => (answer = resolve)));
  desk.outbound.start();
  await desk.say(channel, "one");
  await vi.waitFor(() => expect(network.texts).toEqual(["one"]), PATIENT);
  const [first] = await desk.deliveries(channel);
  /** What the inbound host records of a receipt. */
  const receipt = (step: object) =>
    desk.append(channel, "delivery", { id: first?.id, ...step }, { sender: "account:connectors" });
  return { ...desks, receipt, answer: (result: SendResult) => answer(result) };
}

const failed = { step: "failed", error: { class: "unreachable", reason: "nobody there" } };

// "Taken, but no answer": the receipt said Delivered within seconds, and what was said next waited until the call was given up.
test.each<[object, DeliveryEntry["step"], SendResult]>([
  [{ step: "delivered" }, "delivered", unknown],
  [{ step: "read" }, "read", rejected("network")],
  [{ step: "sent", externalIds: ["a"] }, "sent", rejected("auth")],
  [failed, "failed", unknown],
])(
  "a receipt %j lets its channel go on while the call has no answer, and a late one changes nothing",
  async (step, status, late) => {
    const { network, desk, channel, receipt, answer } = await setUpSilent();
    await desk.say(channel, "two");
    await receipt(step);
    await desk.until(channel, (all) => all[0]?.status === status && all[1]?.status === "sent");
    expect(desk.outbound.stats()).toMatchObject([{ inFlight: 1 }]);
    answer(late);
    await vi.waitFor(() => expect(desk.outbound.stats()).toMatchObject([{ inFlight: 0 }]), PATIENT);
    await desk.say(channel, "three");
    const all = await desk.until(channel, (some) => some[2]?.status === "sent");
    expect(all.map((one) => one.status)).toEqual([status, "sent", "sent"]);
    expect(network.texts).toEqual(["one", "two", "three"]);
    expect(desk.outbound.health("main")).toMatchObject({ state: "ok" });
    const steps = (await desk.recorded(channel)).filter(({ id }) => id === all[0]?.id);
    expect(steps.map((one) => one.step)).toEqual(["queued", "sending", status]);
  },
);

test("an answer that comes after the receipt still tells what the network calls the message", async () => {
  const { desk, channel, receipt, answer } = await setUpSilent();
  await receipt({ step: "delivered" });
  await desk.say(channel, "two");
  await desk.until(channel, (all) => all[1]?.status === "sent");
  answer({ outcome: "accepted", externalIds: ["a"] });
  const [one] = await desk.until(channel, ([first]) => first?.externalIds.length === 1);
  expect(one).toMatchObject({ status: "delivered", externalIds: ["a"] });
});

test("a receipt lets the channel go on while the network is asked what became of the message", async () => {
  const { network, desk, channel, receipt, answer } = await setUpSilent({
    reconcile: () => new Promise(() => {}),
  });
  await desk.say(channel, "two");
  answer(unknown);
  await vi.waitFor(() => expect(desk.outbound.health("main")?.state).toBe("down"), PATIENT);
  await receipt({ step: "delivered" });
  // The network is left alone, until something changes.
  await desk.change("main", { settings: { url: "https://other.example" } });
  await vi.waitFor(() => expect(network.texts).toEqual(["one", "two"]), PATIENT);
});
