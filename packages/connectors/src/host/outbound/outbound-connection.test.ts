import { afterEach, expect, test, vi } from "vitest";
import { createDesks, DESK_BACKENDS, PATIENT } from "./outbound-desk.fixture.ts";
import { accepted, rejected } from "./scripted-connector.fixture.ts";

const { open, setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

test("a connection that does not work is left alone, says what to do, and what waits is sent when it works again", async () => {
  const { network, desk, channel } = await setUp();
  network.otherwise = () => rejected("auth");
  desk.outbound.start();
  const others = await Promise.all([2, 3, 4].map((n) => desk.person(n)));
  for (const name of [channel, ...others]) await desk.say(name, "hello");
  await vi.waitFor(() =>
    expect(desk.outbound.health("main")).toMatchObject({
      state: "down",
      humanAction: "relogin",
      reason: "it is auth",
    }),
  );
  network.otherwise = (job) => accepted(job);
  for (const name of [channel, ...others]) await desk.untilStatus(name, "sent");
  expect(desk.outbound.health("main")).toMatchObject({ state: "ok", humanAction: "none" });
});

test("a 429 stops the connection until the network listens again, and is no attempt", async () => {
  const { network, desk, channel } = await setUp({}, { settings: { maxAttempts: 1 } });
  const other = await desk.person(2);
  network.script.push(() => rejected("rate_limited", { retryAfterMs: 300 }));
  desk.outbound.start();
  await desk.say(channel, "one");
  await desk.until(channel, (all) => all.some(({ dueAt, error }) => dueAt && error));
  await desk.say(other, "other");
  await desk.untilStatus(other, "sent");
  const delivery = await desk.untilStatus(channel, "sent");
  expect(delivery.attempts).toBe(1);
  const [first = 0, ...rest] = network.times;
  for (const time of rest) expect(time - first).toBeGreaterThanOrEqual(295);
});

test("what is switched off waits, and a removed connection fails what waits for it", async () => {
  const { network, desk, channel } = await setUp();
  network.otherwise = () => rejected("auth");
  desk.outbound.start();
  await desk.say(channel, "one");
  await desk.until(channel, (all) => all.some(({ error }) => error?.class === "auth"));
  await desk.change("main", { isEnabled: false });
  await vi.waitFor(
    () =>
      expect(desk.outbound.health("main")).toMatchObject({
        reason: "the connection is switched off",
      }),
    PATIENT,
  );
  expect(desk.outbound.stats()).toMatchObject([{ connection: "main", open: 1 }]);
  await desk.append("p.connection.main", "connection", { action: "removed" });
  const delivery = await desk.untilStatus(channel, "failed");
  expect(delivery.error).toMatchObject({ class: "no_connection" });
  await vi.waitFor(() => expect(desk.outbound.stats()).toEqual([]), PATIENT);
});

test("what waits for a connection that was removed while nobody sent fails", async () => {
  const { network, connector, desk, channel, on } = await setUp();
  network.otherwise = () => rejected("auth");
  desk.outbound.start();
  await desk.say(channel, "one");
  await desk.until(channel, (all) => all.some(({ error }) => error?.class === "auth"));
  await desk.outbound.close(1_000);
  await desk.append("p.connection.main", "connection", { action: "removed" });
  const next = await open(on, [connector]);
  next.outbound.start();
  const delivery = await next.untilStatus(channel, "failed");
  expect(delivery.error).toMatchObject({ class: "no_connection" });
});

test("what was called back is not sent, and what had failed is sent again when an operator says so", async () => {
  const { network, desk, channel } = await setUp();
  await desk.change("main", {
    limits: [{ scope: "recipient", rate: 1, perMs: 86_400_000, burst: 1, unit: "message" }],
  });
  network.script.push(() => rejected("content_rejected"));
  desk.outbound.start();
  await desk.say(channel, "one");
  const { id } = await desk.untilStatus(channel, "failed");
  await desk.say(channel, "two");
  const [, waiting] = await desk.until(channel, (all) => all.length === 2);
  await desk.append(channel, "delivery", { step: "canceled", id: waiting?.id });
  await vi.waitFor(() => expect(desk.outbound.stats()).toMatchObject([{ open: 0 }]), PATIENT);
  await desk.change("main", { limits: [] });
  const expiresAt = Date.now() + 60_000;
  await desk.append(channel, "delivery", { step: "retried", id, expiresAt });
  await desk.until(channel, ([first]) => first?.status === "sent");
  expect(network.texts).toEqual(["one", "one"]);
});

test("a text of several segments counts for as many", async () => {
  const { network, desk, channel } = await setUp({
    limits: [{ scope: "connection", rate: 10, perMs: 1_000, unit: "segment" }],
    estimate: (text) => text.length,
  });
  const other = await desk.person(2);
  desk.outbound.start();
  await desk.say(channel, "12345");
  await vi.waitFor(() => expect(network.jobs).toHaveLength(1), PATIENT);
  await desk.say(other, "1");
  await vi.waitFor(() => expect(network.jobs).toHaveLength(2), { timeout: 5_000 });
  const [first = 0, second = 0] = network.times;
  expect(second - first).toBeGreaterThanOrEqual(450);
});
