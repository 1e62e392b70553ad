import type { Delivery, DeliveryHistory, DeliveryStatus } from "@anywire/types";
import { expect, vi } from "vitest";
import type { NetworkUnderTest } from "../support/network-under-test.ts";
import { EVENTUALLY } from "./cluster-load.ts";
import type { RandomSeed } from "./random-seed.ts";

const LANES = 8;

/** Messages that go out over one connection. */
export interface NetworkSends {
  readonly network: NetworkUnderTest;
  readonly channels: readonly string[];
  /** The ids of all messages, which are their texts, too. */
  readonly messages: readonly string[];
  /** Resolves when all are acknowledged. */
  readonly said: Promise<void>;
}

/** Opens channels with persons and begins to say messages on them, by turns. */
export async function sayOverNetwork(
  network: NetworkUnderTest,
  persons: readonly string[],
  count: number,
): Promise<NetworkSends> {
  const channels: string[] = [];
  for (const person of persons) channels.push(await network.open(person, network.connection));
  const messages = Array.from({ length: count }, (_, i) => `said-${String(i).padStart(4, "0")}`);
  const waiting = messages.map((id, i) => ({ id, channel: channels[i % channels.length] ?? "" }));
  const lane = async (lead: number): Promise<void> => {
    for (let i = lead; i < waiting.length; i += LANES) {
      const { id = "", channel = "" } = waiting[i] ?? {};
      const path = `/v1/channels/${channel}/messages`;
      const { status, body } = await network.call("POST", path, { id, text: id });
      expect([200, 201], JSON.stringify(body)).toContain(status);
    }
  };
  // Those of one channel are said in their order: a channel belongs to one lane.
  expect(channels.length % LANES).toBe(0);
  const said = Promise.all(Array.from({ length: LANES }, (_, i) => lane(i))).then(() => undefined);
  // Awaited at the end; until then a kill is not to be taken for a failure that nobody sees.
  said.catch(() => undefined);
  return { network, channels, messages, said };
}

/** A moment at which a process is killed. */
export interface KillMoment {
  /** How many messages the network has taken then. */
  readonly taken: number;
  /** So many of them have got no answer. */
  readonly unanswered: number;
}

/** Moments anywhere in the first part of so many sends, each behind the one before; at every other one answers are held back. */
export function momentsOf({ upTo }: RandomSeed, sends: number, kills: number): KillMoment[] {
  const share = Math.floor((sends * 0.8) / kills);
  return Array.from({ length: kills }, (_, i) => ({
    taken: i * share + upTo(share),
    unanswered: i % 2 === 0 ? 0 : upTo(5),
  }));
}

/** Calls `strike` within the very turn in which the network takes that message, before it answers. */
export async function strikeAt(
  { simulator }: NetworkUnderTest,
  { taken, unanswered }: KillMoment,
  strike: () => Promise<void>,
): Promise<number> {
  const hold = (): boolean => simulator.accepted >= taken - unanswered;
  if (unanswered > 0) {
    await reached(simulator, hold);
    simulator.inject({ kind: "accept_then_hang", times: unanswered });
  }
  let struck: Promise<void> | undefined;
  await reached(simulator, () => {
    if (simulator.accepted < taken) return false;
    struck ??= strike();
    return true;
  });
  await struck;
  return Date.now();
}

type Watched = NetworkUnderTest["simulator"];

function reached(simulator: Watched, isReached: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    if (isReached()) return resolve();
    const late = setTimeout(() => {
      end();
      reject(new Error(`the network took ${simulator.accepted} messages, and then no more`));
    }, EVENTUALLY.timeout);
    const end = simulator.handset.onChange(() => {
      if (!isReached()) return;
      clearTimeout(late);
      end();
      resolve();
    });
  });
}

/** What became of messages, once nothing is open any more. */
export interface NetworkOutcome {
  readonly deliveries: readonly Delivery[];
  /** By message, how often the network took it. */
  readonly taken: ReadonlyMap<string, number>;
  readonly counts: Readonly<Record<string, number>>;
}

/** Resolves when every message has a delivery that has come to one of these ends. */
export async function outcomeOf(
  { network, messages, said }: NetworkSends,
  ends: readonly DeliveryStatus[],
): Promise<NetworkOutcome> {
  await said;
  const deliveries = await vi.waitFor(
    async () => {
      const all = await deliveriesOf(network);
      expect(all).toHaveLength(messages.length);
      expect(all.filter(({ status }) => !ends.includes(status))).toEqual([]);
      return all;
    },
    { ...EVENTUALLY, interval: 500 },
  );
  const taken = new Map<string, number>();
  for (const text of textsOf(network)) taken.set(text, (taken.get(text) ?? 0) + 1);
  const counts: Record<string, number> = {};
  for (const { status } of deliveries) counts[status] = (counts[status] ?? 0) + 1;
  return { deliveries, taken, counts };
}

/** Texts that the network has taken, those of one person in their order. */
function textsOf({ simulator: { handset } }: NetworkUnderTest): string[] {
  return handset
    .persons()
    .flatMap((person) => handset.messages(person))
    .filter(({ direction }) => direction === "in")
    .map(({ text }) => text);
}

/** All deliveries through the connection. */
async function deliveriesOf({ call, connection }: NetworkUnderTest): Promise<Delivery[]> {
  const found: Delivery[] = [];
  let cursor = "";
  for (;;) {
    const { status, body } = await call("GET", `/v1/deliveries?limit=1000${cursor}`);
    expect(status, JSON.stringify(body)).toBe(200);
    found.push(...body.deliveries);
    if (body.cursor === undefined) break;
    cursor = `&cursor=${encodeURIComponent(body.cursor)}`;
  }
  return found.filter((one) => one.connection === connection);
}

/** Asserts that the network has taken no message twice, and those of each person in the order in which they were said. */
export function assertTakenOnce({ network, messages }: NetworkSends, outcome: NetworkOutcome) {
  expect([...outcome.taken].filter(([, times]) => times > 1)).toEqual([]);
  expect(network.simulator.accepted).toBe(outcome.taken.size);
  expect(messages).toEqual(expect.arrayContaining([...outcome.taken.keys()]));
  const { handset } = network.simulator;
  for (const person of handset.persons()) {
    const texts = handset.messages(person).filter(({ direction }) => direction === "in");
    const order = texts.map(({ text }) => text);
    expect(order, person).toEqual(order.toSorted());
  }
}

/** How a delivery that was under way is recorded by whoever takes the work over. */
const TAKEN_OVER = "the server stopped while it was handing this to the network";

/**
 * Asserts of each delivery that nobody knows the end of that it was handed over once, by a process that lost the work before it had
 * an answer: it was killed meanwhile. Returns how many were lost without a kill, by a process that stood still for longer than its
 * lease, as on a machine that is busy with other tests.
 */
export async function assertExplained(
  { call }: NetworkUnderTest,
  deliveries: readonly Delivery[],
  kills: readonly number[],
): Promise<number> {
  let stalled = 0;
  for (const { id } of deliveries.filter(({ status }) => status === "unconfirmed")) {
    const { steps } = (await call("GET", `/v1/deliveries/${id}`)).body as DeliveryHistory;
    expect(steps.map(({ step }) => step)).toEqual(["queued", "sending", "unconfirmed"]);
    const [, sending, unconfirmed] = steps;
    expect(unconfirmed?.data, id).toMatchObject({ isFinal: true, reason: TAKEN_OVER });
    const [from = Number.NaN, to = Number.NaN] = [sending?.at, unconfirmed?.at];
    if (!kills.some((at) => at >= from && at <= to)) stalled += 1;
  }
  return stalled;
}
