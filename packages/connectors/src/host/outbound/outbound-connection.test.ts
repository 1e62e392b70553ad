import { CONNECTIONS, FALLBACKS } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { afterEach, expect, test, vi } from "vitest";
import { trailingStores } from "../trailing-stores.fixture.ts";
import { createDesks, DESK_BACKENDS, PATIENT } from "./outbound-desk.fixture.ts";
import {
  accepted,
  rejected,
  ScriptedNetwork,
  scriptedConnector,
} from "./scripted-connector.fixture.ts";

const { backend, open, setUp, end } = createDesks(DESK_BACKENDS.memory);
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
  const { checkedAt, retryAt } = desk.outbound.health("main") ?? {};
  for (const at of [checkedAt, retryAt])
    expect(Math.abs((at ?? 0) - Date.now())).toBeLessThan(60_000);
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

test("connections that nobody changes are not read again, however many there are", async () => {
  const { connector, desk, channel } = await setUp();
  const others = Array.from({ length: 40 }, (_, i) => `other-${i}`);
  for (const id of others) await desk.connect(connector, id, { isDefault: false });
  desk.outbound.start();
  await vi.waitFor(() => expect(desk.outbound.stats()).toHaveLength(41), PATIENT);
  await desk.say(channel, "hello");
  await desk.untilStatus(channel, "sent");
  const { state, kv } = desk.stores;
  const [list, get, secrets] = [
    vi.spyOn(state, "list"),
    vi.spyOn(state, "get"),
    vi.spyOn(kv, "get"),
  ];
  const looks = () => list.mock.calls.filter(([{ partition }]) => partition === FALLBACKS).length;
  const reads = () => [
    ...list.mock.calls.filter(([{ partition }]) => partition !== FALLBACKS),
    ...get.mock.calls.filter(([keys]) => keys.length > 0),
    ...secrets.mock.calls.filter(([key]) => key.startsWith("connection-secrets/")),
  ];
  await vi.waitFor(() => expect(looks()).toBeGreaterThanOrEqual(5), PATIENT);
  expect(reads()).toEqual([]);
  await desk.change("other-7", { isEnabled: false });
  await vi.waitFor(
    () => expect(desk.outbound.health("other-7")).toMatchObject({ state: "down" }),
    PATIENT,
  );
  const known = looks();
  await vi.waitFor(() => expect(looks()).toBeGreaterThan(known + 2), PATIENT);
  expect(reads()).toEqual([
    [[{ partition: CONNECTIONS, sort: "other-7" }]],
    ["connection-secrets/other-7"],
  ]);
});

test("a connection whose secrets can't be read for a while is used again when they can", async () => {
  const { network, desk, channel } = await setUp();
  desk.outbound.start();
  await vi.waitFor(() => expect(desk.outbound.stats()).toHaveLength(1), PATIENT);
  const { kv } = desk.stores;
  const away = vi.spyOn(kv, "get").mockImplementation(async (key) => {
    if (!key.startsWith("connection-secrets/")) return Object.getPrototypeOf(kv).get.call(kv, key);
    throw new AnywireError("unavailable", "away");
  });
  await desk.change("main", { title: "Main" });
  const health = () => desk.outbound.health("main");
  await vi.waitFor(
    () => expect(health()).toMatchObject({ state: "down", reason: "away" }),
    PATIENT,
  );
  away.mockRestore();
  await vi.waitFor(() => expect(health()).toMatchObject({ state: "unknown" }), PATIENT);
  await desk.say(channel, "hello");
  await vi.waitFor(() => expect(network.texts).toEqual(["hello"]), PATIENT);
});

test("what another node decides about connections is heeded, also where the state trails", async () => {
  const connector = scriptedConnector(new ScriptedNetwork());
  const on = await backend();
  const other = await open(on, [connector]);
  const late = { ...on, createStores: () => trailingStores(on.createStores()) };
  const desk = await open(late, [connector]);
  await other.connect(connector, "main", { isEnabled: false });
  desk.outbound.start();
  const health = () => desk.outbound.health("main");
  await vi.waitFor(() => expect(health()).toMatchObject({ state: "down" }), PATIENT);
  await other.change("main", { isEnabled: true });
  await vi.waitFor(() => expect(health()).toMatchObject({ state: "unknown" }), PATIENT);
});

// One whose documents took a moment was shown as down, and nothing worse about it could be seen.
test("nothing is known of a connection until it was looked at", async () => {
  const { desk, channel } = await setUp();
  const looked = Promise.withResolvers<undefined>();
  vi.spyOn(desk.connections, "find").mockReturnValue(looked.promise);
  desk.outbound.start();
  await desk.say(channel, "hello");
  await vi.waitFor(() => expect(desk.outbound.health("main")).toBeDefined(), PATIENT);
  const reason = "the connection was not looked at yet";
  expect(desk.outbound.health("main")).toMatchObject({ state: "unknown", reason });
  looked.resolve(undefined);
});
