import { AnywireError } from "@anywire/types";
import { afterEach, expect, test, vi } from "vitest";
import type { SendResult } from "../../contract/send.ts";
import { createDesks, DESK_BACKENDS } from "./outbound-desk.fixture.ts";
import { rejected } from "./scripted-connector.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

const HUGE = "x".repeat(1_000_000);

// A connector is code of others. What it answered was recorded as it was, which failed; the delivery stayed `sending` until a
// restart, could be neither retried nor called back, and the next message overtook it.
test.each<[string, unknown]>([
  ["it is no object", undefined],
  ["it is no object", "accepted"],
  ["outcome", {}],
  ["outcome", { outcome: "done" }],
  ["class", { outcome: "rejected", class: "wat", reason: "so" }],
  ["reason", { outcome: "rejected", class: "network" }],
  ["externalIds", { outcome: "accepted" }],
  ["externalIds", { outcome: "accepted", externalIds: [] }],
  ["externalIds.0", { outcome: "accepted", externalIds: [5] }],
  ["externalIds.1", { outcome: "accepted", externalIds: ["a", ""] }],
])(
  "an answer of which %s is wrong leaves a delivery unconfirmed, and says whose it is: %j",
  async (what, said) => {
    const { network, desk, channel } = await setUp();
    network.script.push(() => said as SendResult);
    desk.outbound.start();
    await desk.say(channel, "one");
    await desk.say(channel, "two");
    const [one, two] = await desk.until(
      channel,
      (all) => all.filter((d) => !d.isOpen).length === 2,
    );
    expect(one).toMatchObject({ status: "unconfirmed", error: { class: "unknown" } });
    expect(one?.error?.reason).toContain(
      `connector scripted-test answered with no outcome: ${what}`,
    );
    expect(two).toMatchObject({ status: "sent" });
    expect(network.texts).toEqual(["one", "two"]);
  },
);

test.each([Number.NaN, -1, 0, Number.POSITIVE_INFINITY, "1", null])(
  "a network that wants it slower, for %j ms, is tried again as if it had not said for how long",
  async (retryAfterMs) => {
    const { network, desk, channel } = await setUp();
    network.script.push(() => rejected("rate_limited", { retryAfterMs: retryAfterMs as number }));
    desk.outbound.start();
    await desk.say(channel, "one");
    const delivery = await desk.untilStatus(channel, "sent");
    expect(delivery.attempts).toBe(1);
    expect(network.texts).toEqual(["one", "one"]);
  },
);

test("a network that wants to be left alone for ever is asked again after a day", async () => {
  const { network, desk, channel } = await setUp({}, { settings: { lifetimeMs: 1e12 } });
  network.script.push(() => rejected("rate_limited", { retryAfterMs: 1e300 }));
  const before = Date.now();
  desk.outbound.start();
  await desk.say(channel, "one");
  const [delivery] = await desk.until(channel, ([one]) => one?.error?.class === "rate_limited");
  const waitMs = (delivery?.dueAt ?? 0) - before;
  expect(waitMs).toBeGreaterThan(86_000_000);
  expect(waitMs).toBeLessThan(87_000_000);
});

test("texts of any length are cut, and facts beside the outcome that are wrong are left out", async () => {
  const { network, desk, channel } = await setUp();
  const other = await desk.person(2);
  const facts = { from: 7, segments: "two", price: { amount: -1, currency: "pounds" } };
  network.otherwise = ({ content }) =>
    (content.text === "one"
      ? { outcome: "accepted", externalIds: ["a", HUGE], ...facts }
      : { ...rejected("content_rejected"), reason: HUGE, code: 7 }) as unknown as SendResult;
  desk.outbound.start();
  await desk.say(channel, "one");
  await desk.say(other, "two");
  const taken = { externalIds: ["a"], from: null, segments: null, price: null };
  expect(await desk.untilStatus(channel, "sent")).toMatchObject(taken);
  const { error } = await desk.untilStatus(other, "failed");
  expect(error).toMatchObject({ class: "content_rejected" });
  expect(error?.reason).toHaveLength(512);
});

test("what the network says when it is asked is no outcome either, and it is asked again", async () => {
  let asked = 0;
  const { network, desk, channel } = await setUp({
    reconcile: async () => {
      asked += 1;
      return (
        asked === 1 ? { outcome: "accepted" } : { outcome: "accepted", externalIds: ["a"] }
      ) as SendResult;
    },
  });
  network.script.push(() => ({ outcome: "unknown", reason: "silence" }));
  desk.outbound.start();
  await desk.say(channel, "one");
  expect(await desk.untilStatus(channel, "sent")).toMatchObject({ externalIds: ["a"] });
  expect(asked).toBe(2);
});

test("an outcome that can't be stored leaves the delivery unconfirmed, and is told", async () => {
  const { network, desk, channel } = await setUp();
  const { log } = desk.stores;
  vi.spyOn(log, "append").mockImplementation(async (draft) => {
    if (draft.dataJson.includes('"sent"')) throw new AnywireError("bad_request", "not like this");
    return await Object.getPrototypeOf(log).append.call(log, draft);
  });
  desk.outbound.start();
  await desk.say(channel, "one");
  const { error } = await desk.untilStatus(channel, "unconfirmed");
  expect(error?.reason).toMatch(/could not be recorded/);
  expect(desk.errors.map(({ message }) => message)).toContain("not like this");
  expect(network.texts).toEqual(["one"]);
});

test("a wish that can't be recorded at once is recorded, and the delivery is settled", async () => {
  const { network, desk, channel } = await setUp();
  const { log } = desk.stores;
  let isAway = true;
  vi.spyOn(log, "append").mockImplementation(async (draft) => {
    if (draft.kind === "consent" && isAway) {
      isAway = false;
      throw new AnywireError("unavailable", "away");
    }
    return await Object.getPrototypeOf(log).append.call(log, draft);
  });
  network.script.push(() => rejected("opted_out", { suppressAddress: true }));
  desk.outbound.start();
  await desk.say(channel, "one");
  expect(await desk.untilStatus(channel, "failed")).toMatchObject({
    error: { class: "opted_out" },
  });
  await desk.say(channel, "two");
  const all = await desk.until(channel, (them) => them.filter((d) => !d.isOpen).length === 2);
  expect(all.map(({ error }) => error?.class)).toEqual(["opted_out", "consent"]);
});
