import type { DeliveryDocument } from "@anywire/core";
import { afterEach, expect, test, vi } from "vitest";
import { createDesks, DESK_BACKENDS, PATIENT } from "./outbound-desk.fixture.ts";
import { rejected, ScriptedNetwork, scriptedConnector } from "./scripted-connector.fixture.ts";

const { backend, open, setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

const TEN_A_SECOND = {
  limits: [{ scope: "connection", rate: 10, perMs: 1_000, unit: "message" }],
} as const;

test("with ten a second ten leave in a second, and a channel with one message does not wait for one with a hundred", async () => {
  const { network, desk, channel } = await setUp(TEN_A_SECOND);
  const others = await Promise.all([2, 3, 4].map((n) => desk.person(n)));
  for (let i = 0; i < 100; i += 1) await desk.say(channel, `long ${i}`);
  for (const other of others) await desk.say(other, "short");
  desk.outbound.start();
  await vi.waitFor(() => expect(network.times.length).toBeGreaterThanOrEqual(22), PATIENT);
  const [first = 0] = network.times;
  const within = (ms: number) => network.times.filter((time) => time - first < ms).length;
  // When exactly is the rate limiter's own test; here what is recorded between it and the network takes its time, too.
  expect(within(1_000)).toBeLessThanOrEqual(12);
  expect(within(2_000)).toBeLessThanOrEqual(22);
  expect(within(2_000)).toBeGreaterThanOrEqual(14);
  expect(network.texts.slice(0, 8).filter((text) => text === "short")).toHaveLength(3);
});

test("a rate for each recipient holds back only who had one", async () => {
  const { network, desk, channel } = await setUp({
    limits: [{ scope: "recipient", rate: 1, perMs: 3_600_000, unit: "message" }],
  });
  const other = await desk.person(2);
  desk.outbound.start();
  await desk.say(channel, "one");
  await desk.say(channel, "two");
  await desk.say(other, "other");
  await desk.untilStatus(other, "sent");
  const [, second] = await desk.until(
    channel,
    (all) => all.length === 2 && all[0]?.status === "sent",
  );
  expect(second).toMatchObject({ status: "queued", error: null });
  expect([...network.texts].sort()).toEqual(["one", "other"]);
});

const HOUR_MS = 3_600_000;

test("a clock that is set back holds up neither what has a rate, nor what is tried again, nor a connection that was left alone", async () => {
  let setBy = 0;
  const { network, desk, channel } = await setUp(
    { limits: [{ scope: "connection", rate: 20, perMs: 1_000, unit: "message" }] },
    {
      now: () => Date.now() + setBy,
      settings: { minBackoffMs: 400, breakerPauseMs: 400, breakerMaxPauseMs: 400 },
    },
  );
  desk.outbound.start();
  for (const kind of ["unknown", "auth"] as const) {
    network.script.push(() => rejected(kind));
    const { id } = await desk.say(channel, kind);
    const isSo = (status: string) => (all: readonly DeliveryDocument[]) =>
      all.some((one) => one.message === id && (one.error?.class ?? one.status) === status);
    await desk.until(channel, isSo(kind));
    setBy -= HOUR_MS;
    await desk.until(channel, isSo("sent"));
  }
  for (let i = 0; i < 10; i += 1) await desk.say(channel, `${i}`);
  await vi.waitFor(() => expect(network.texts.length).toBeGreaterThanOrEqual(7), PATIENT);
  setBy -= HOUR_MS;
  await vi.waitFor(() => expect(network.texts).toHaveLength(14), PATIENT);
});

test("a clock that is set forward lets nothing leave before its rate does", async () => {
  let setBy = 0;
  const { network, desk, channel } = await setUp(
    { limits: [{ scope: "recipient", rate: 1, perMs: HOUR_MS, unit: "message" }] },
    { now: () => Date.now() + setBy },
  );
  desk.outbound.start();
  for (const text of ["one", "two"]) await desk.say(channel, text);
  await desk.until(channel, (all) => all[0]?.status === "sent" && all[1]?.status === "queued");
  setBy += 2 * HOUR_MS;
  for (const n of [2, 3]) {
    const other = await desk.person(n);
    await desk.say(other, "other");
    await desk.untilStatus(other, "sent");
  }
  expect(network.texts).toEqual(["one", "other", "other"]);
});

test("a connection's own limits stand in the place of the connector's, 0 for none", async () => {
  const { network, desk, channel } = await setUp({
    limits: [{ scope: "connection", rate: 1, perMs: 3_600_000, unit: "message" }],
  });
  const limits = [{ scope: "connection", rate: 0, perMs: 1_000, burst: 1, unit: "message" }];
  await desk.change("main", { limits });
  desk.outbound.start();
  for (const text of ["one", "two", "three"]) await desk.say(channel, text);
  await vi.waitFor(() => expect(network.texts).toEqual(["one", "two", "three"]), PATIENT);
});

test("connections of one portfolio share its rate by turns", async () => {
  const network = new ScriptedNetwork();
  const connector = scriptedConnector(network, {
    limits: [{ scope: "portfolio", rate: 20, perMs: 1_000, unit: "message" }],
  });
  const desk = await open(await backend(), [connector]);
  await desk.connect(connector, "a", { portfolio: "ours", isDefault: false });
  await desk.connect(connector, "b", { portfolio: "ours", isDefault: false });
  for (const id of ["a", "b"]) {
    await desk.contact(id, `phone:+4477009000${id === "a" ? 1 : 2}`);
    await desk.channel(`p.test.${id}`, [id], { connection: id });
    for (let i = 0; i < 20; i += 1) await desk.say(`p.test.${id}`, id);
  }
  desk.outbound.start();
  await vi.waitFor(() => expect(network.times.length).toBeGreaterThanOrEqual(21), PATIENT);
  const [first = 0] = network.times;
  expect((network.times[20] ?? 0) - first).toBeGreaterThanOrEqual(900);
  const ofA = network.texts.slice(0, 20).filter((text) => text === "a").length;
  expect(Math.abs(ofA - 10)).toBeLessThanOrEqual(2);
});
