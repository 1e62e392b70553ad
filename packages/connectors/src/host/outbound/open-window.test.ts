import { type DeliveryDocument, deliveryKey } from "@anywire/core";
import { afterEach, expect, test, vi } from "vitest";
import { OpenWindow } from "./open-window.ts";
import { createDesks, DESK_BACKENDS, type OutboundDesk } from "./outbound-desk.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

/** A delivery that waits, as an entry tells of it. */
async function plan(desk: OutboundDesk, channel: string, n: number, messageOffset?: number) {
  const { id: message } = await desk.say(channel, `m${n}`);
  const id = `d${String(n).padStart(6, "0")}`;
  const { entry } = await desk.append(channel, "delivery", {
    step: "queued",
    id,
    message,
    action: "send",
    cause: null,
    participant: "contact:c1",
    address: "phone:+447700900001",
    connection: "main",
    network: "test",
    expiresAt: Date.now() + 60_000,
    fallbackOf: null,
    fallback: null,
  });
  const { values } = await desk.stores.state.get([deliveryKey(channel, id)]);
  const delivery = values[0] as DeliveryDocument;
  return {
    delivery: messageOffset === undefined ? delivery : { ...delivery, messageOffset },
    offset: entry.offset,
  };
}

/** A window, and what is in it. */
function windowOf({ stores }: OutboundDesk, maxDeliveries: number, toldUpTo?: number) {
  const found: string[] = [];
  const sink = {
    get size() {
      return found.length;
    },
    takeIn: ({ id }: DeliveryDocument) => {
      if (!found.includes(id)) found.push(id);
    },
  };
  const place = { platform: "p", connection: "main" };
  const how = { maxDeliveries, toldUpTo: async () => toldUpTo ?? (await stores.log.head(">")) };
  const window = new OpenWindow(stores.state, place, how, sink);
  return { window, found };
}

test("what lies behind the last page comes with the next one, and only then", async () => {
  const { desk, channel } = await setUp();
  for (let n = 0; n < 501; n += 1) await plan(desk, channel, n);
  const { window, found } = windowOf(desk, 1_000);
  await window.read();
  expect(found).toHaveLength(500);
  const late = await plan(desk, channel, 501);
  window.offer(late.delivery, late.offset);
  expect(found).toHaveLength(500);
  expect([window.wantsMore(500), window.wantsMore(501)]).toEqual([true, false]);
  await window.read();
  expect(found.slice(500)).toEqual(["d000500", "d000501"]);
  const next = await plan(desk, channel, 502);
  window.offer(next.delivery, next.offset);
  expect(found).toContain("d000502");
});

test("what is told while a page is read is not missed, even where it belongs before the page's end", async () => {
  const { desk, channel } = await setUp();
  for (let n = 1; n <= 501; n += 1) await plan(desk, channel, n);
  const { window, found } = windowOf(desk, 1_000);
  const { state } = desk.stores;
  const list = state.list.bind(state);
  vi.spyOn(state, "list").mockImplementationOnce(async (query) => {
    const page = await list(query);
    const first = await plan(desk, channel, 600, 1);
    const last = await plan(desk, channel, 700);
    for (const { delivery, offset } of [first, last]) window.offer(delivery, offset);
    return page;
  });
  await window.read();
  expect(found).toHaveLength(501);
  expect(found.at(-1)).toBe("d000600");
  await window.read();
  expect(found).toEqual(expect.arrayContaining(["d000501", "d000700"]));
});

test("a page leaves out what was not told yet, so that it can't overtake what is told before it", async () => {
  const { desk, channel } = await setUp();
  const early = await plan(desk, channel, 0);
  const { window, found } = windowOf(desk, 10, early.offset);
  const plans = [await plan(desk, channel, 1), await plan(desk, channel, 2)];
  await window.read();
  expect(found).toEqual(["d000000"]);
  for (const { delivery, offset } of plans) window.offer(delivery, offset);
  expect(found).toEqual(["d000000", "d000001", "d000002"]);
});

test("what was told out of turn, and was left to a page, comes with it", async () => {
  const { desk, channel } = await setUp();
  const { window, found } = windowOf(desk, 2, 1);
  await window.read();
  for (let n = 0; n < 3; n += 1) {
    const { delivery, offset } = await plan(desk, channel, n);
    window.offer(delivery, offset);
  }
  expect(found).toEqual(["d000000", "d000001"]);
  await window.read();
  expect(found).toContain("d000002");
});

test("with more in memory than it holds, what comes waits in the state until there is room", async () => {
  const { desk, channel } = await setUp();
  const { window, found } = windowOf(desk, 2);
  await window.read();
  for (let n = 0; n < 4; n += 1) {
    const { delivery, offset } = await plan(desk, channel, n);
    window.offer(delivery, offset);
  }
  expect(found).toEqual(["d000000", "d000001"]);
  expect([window.wantsMore(2), window.wantsMore(1)]).toEqual([false, true]);
  await window.read();
  expect(found.slice(2)).toEqual(["d000002", "d000003"]);
});
