import type { LogEntry } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { InboundEvent } from "../../contract/inbound-event.ts";
import { letter } from "./raven.fixture.ts";
import { type Failure, WebhookQueue } from "./webhook-queue.ts";

const PEOPLE = ["raven:ann", "raven:eve", "raven:bo"];
const MAX_ATTEMPTS = 3;

function entryAt(offset: number, dataJson = "{}"): LogEntry {
  const channel = "production.connection.tower";
  return {
    ...{ channel, id: `w${offset}`, kind: "webhook", sender: "account:connectors", dataJson },
    ...{ offset, previousOffset: offset - 1, at: 1, timetoken: `${offset}` },
  };
}

function from(...addresses: string[]): InboundEvent {
  return letter(crypto.randomUUID(), { sender: { addresses } });
}

function failure(isMendable: boolean): Failure {
  return { error: new AnywireError("unavailable", "not yet"), isMendable };
}

/** What an event is to do, how often it fails before it works, and how long each time takes, turns of the event loop. */
interface Planned {
  readonly event: InboundEvent;
  readonly request: number;
  readonly failures: number;
  readonly turns: number;
}

const planned = fc
  .array(
    fc.array(
      fc.record({
        people: fc.uniqueArray(fc.constantFrom(...PEOPLE), { minLength: 1, maxLength: 2 }),
        isRename: fc.boolean(),
        failures: fc.constantFrom(0, 0, 0, 1, 2, 5),
        turns: fc.nat(3),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((requests) =>
    requests.map((events, request) =>
      events.map(({ people, isRename, failures, turns }, i): Planned => {
        const change = { type: "identity_changed", at: 1, from: "raven:x", to: "raven:y" } as const;
        const event = isRename && i === 0 && request % 4 === 3 ? change : from(...people);
        return { event, request, failures, turns };
      }),
    ),
  );

function areRelated(a: InboundEvent, b: InboundEvent): boolean {
  if (a.type !== "message" || b.type !== "message") return true;
  return a.sender.addresses.some((one) => b.sender.addresses.includes(one));
}

/** Handles what is planned, and keeps what began too early. */
class Handling {
  readonly all: readonly Planned[];
  readonly over = new Set<Planned>();
  readonly early: (readonly [Planned, Planned])[] = [];
  readonly #tries = new Map<Planned, number>();

  constructor(all: readonly Planned[]) {
    this.all = all;
  }

  async handle(event: InboundEvent, attempt: number): Promise<Failure | undefined> {
    const i = this.all.findIndex((one) => one.event === event);
    const one = this.all[i] as Planned;
    for (const before of this.all.slice(0, i)) {
      const isEarly = !this.over.has(before) && areRelated(before.event, event);
      if (isEarly) this.early.push([before, one]);
    }
    for (let turn = 0; turn < one.turns; turn += 1) await new Promise(setImmediate);
    const count = (this.#tries.get(one) ?? 0) + 1;
    this.#tries.set(one, count);
    const isMendable = attempt < MAX_ATTEMPTS;
    if (count <= one.failures && isMendable) return failure(true);
    this.over.add(one);
    return count <= one.failures ? failure(false) : undefined;
  }
}

test("whatever fails how often and takes how long: nothing begins before what is related to it and came before is over", async () => {
  await fc.assert(
    fc.asyncProperty(planned, fc.infiniteStream(fc.nat(4)), async (requests, lead) => {
      const handling = new Handling(requests.flat());
      const queue = new WebhookQueue(async ({ offset }, attempt) => ({
        events: (requests[offset - 1] ?? []).map(({ event }) => event),
        failures: [],
        handle: (event) => handling.handle(event, attempt),
      }));
      let foreseen = 0;
      const take = async (offset: number, attempt: number): Promise<boolean> => {
        const taking = queue.take(entryAt(offset), attempt);
        const more = lead.next().value as number;
        foreseen = Math.max(foreseen, offset);
        const until = Math.min(foreseen + more, requests.length);
        while (foreseen < until) queue.foresee(entryAt(++foreseen));
        return (await taking).every(({ isMendable }) => !isMendable);
      };
      for (let offset = 1; offset <= requests.length; offset += 1) {
        for (let attempt = 1; !(await take(offset, attempt)); ) attempt += 1;
        queue.passed(offset);
        expect(requests[offset - 1]?.every((one) => handling.over.has(one))).toBe(true);
      }
      expect(handling.early).toEqual([]);
      expect(queue.isEmpty).toBe(true);
      await queue.close();
    }),
    { numRuns: 300 },
  );
});

/** A queue over requests of one event each, whose handling ends when a test says so. */
function gatedQueue(events: readonly InboundEvent[]): {
  readonly queue: WebhookQueue;
  readonly begun: number[];
  readonly ends: Map<number, (failure?: Failure) => void>;
} {
  const begun: number[] = [];
  const ends = new Map<number, (failure?: Failure) => void>();
  const queue = new WebhookQueue(async ({ offset }) => ({
    events: events.slice(offset - 1, offset),
    failures: [],
    handle: async () => {
      begun.push(offset);
      return await new Promise((resolve) => ends.set(offset, resolve));
    },
  }));
  return { queue, begun, ends };
}

test("a slow message holds back only what its own sender says after it", async () => {
  const { queue, begun, ends } = gatedQueue([from("a"), from("b"), from("a"), from("b")]);
  for (const offset of [1, 2, 3, 4]) queue.foresee(entryAt(offset));
  await vi.waitFor(() => expect(begun).toEqual([1, 2]));
  ends.get(2)?.();
  await vi.waitFor(() => expect(begun).toEqual([1, 2, 4]));
  ends.get(1)?.();
  await vi.waitFor(() => expect(begun).toEqual([1, 2, 4, 3]));
  ends.get(3)?.();
  ends.get(4)?.();
  for (const offset of [1, 2, 3, 4]) expect(await queue.take(entryAt(offset), 1)).toEqual([]);
  expect(begun).toHaveLength(4);
});

test("what failed before its turn is tried once more when it is, and told of only then", async () => {
  const { queue, begun, ends } = gatedQueue([from("a"), from("b")]);
  for (const offset of [1, 2]) queue.foresee(entryAt(offset));
  await vi.waitFor(() => expect(begun).toEqual([1, 2]));
  ends.get(2)?.(failure(true));
  ends.get(1)?.();
  await queue.take(entryAt(1), 1);
  queue.passed(1);
  const taking = queue.take(entryAt(2), 1);
  await vi.waitFor(() => expect(begun).toEqual([1, 2, 2]));
  ends.get(2)?.();
  expect(await taking).toEqual([]);
});

test("of large bodies one is in memory at a time", async () => {
  let open = 0;
  let most = 0;
  const queue = new WebhookQueue(async () => {
    open += 1;
    most = Math.max(most, open);
    return {
      events: [from(crypto.randomUUID())],
      failures: [],
      handle: async () => {
        await new Promise(setImmediate);
        open -= 1;
        return undefined;
      },
    };
  });
  const large = Array.from({ length: 5 }, (_, i) =>
    entryAt(i + 1, '{"body":{"blob":"webhook-1"}}'),
  );
  for (const entry of large) queue.foresee(entry);
  for (const entry of large) await queue.take(entry, 1);
  expect(most).toBe(1);
});

test("closed it ends what runs, and begins with nothing more", async () => {
  const { queue, begun, ends } = gatedQueue([from("a"), from("a"), from("b")]);
  for (const offset of [1, 2]) queue.foresee(entryAt(offset));
  const taking = [queue.take(entryAt(1), 1), queue.take(entryAt(2), 1)];
  await vi.waitFor(() => expect(begun).toEqual([1]));
  let isClosed = false;
  const closing = queue.close().then(() => {
    isClosed = true;
  });
  queue.foresee(entryAt(3));
  await new Promise(setImmediate);
  expect(isClosed).toBe(false);
  ends.get(1)?.();
  await closing;
  expect(await taking[0]).toEqual([]);
  expect(await taking[1]).toMatchObject([{ isMendable: true, error: { code: "unavailable" } }]);
  expect(begun).toEqual([1]);
});

test("nothing passes a request that can't be read for now", async () => {
  let isBroken = true;
  const handled: number[] = [];
  const queue = new WebhookQueue(async ({ offset }) =>
    offset === 1 && isBroken
      ? { events: [], failures: [failure(true)], handle: async () => undefined }
      : {
          events: [from("a")],
          failures: [],
          handle: async () => void handled.push(offset) as undefined,
        },
  );
  for (const offset of [1, 2]) queue.foresee(entryAt(offset));
  expect(await queue.take(entryAt(1), 1)).toHaveLength(1);
  expect(handled).toEqual([]);
  isBroken = false;
  expect(await queue.take(entryAt(1), 2)).toEqual([]);
  queue.passed(1);
  expect(await queue.take(entryAt(2), 1)).toEqual([]);
  expect(handled).toEqual([1, 2]);
});
