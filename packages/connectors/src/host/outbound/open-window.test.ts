import { openDeliveryKey } from "@anywire/core";
import { afterEach, expect, test, vi } from "vitest";
import { OpenWindow } from "./open-window.ts";
import { createDesks, DESK_BACKENDS, type OutboundDesk } from "./outbound-desk.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

/** A delivery that waits. */
async function plan(desk: OutboundDesk, channel: string, n: number) {
  const { id: message, offset: messageOffset } = await desk.say(channel, `m${n}`);
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
  return { id, offset: entry.offset, sort: openDeliveryKey("p", "main", messageOffset, id).sort };
}

async function read(window: OpenWindow): Promise<string[]> {
  const ids: string[] = [];
  await window.read(({ id }) => ids.push(id));
  return ids;
}

const PLACE = { platform: "p", connection: "main" };

test("what lies behind the last page comes with the next one, and only then", async () => {
  const { desk, channel } = await setUp();
  for (let n = 0; n < 501; n += 1) await plan(desk, channel, n);
  const how = { atLeast: 0, maxDeliveries: 1_000 };
  const window = new OpenWindow(desk.stores.state, PLACE, how);
  const first = await read(window);
  expect(first).toHaveLength(500);
  const late = await plan(desk, channel, 501);
  expect(window.admits(late.sort, late.offset, 500)).toBe(false);
  expect(window.wantsMore(500)).toBe(true);
  expect(window.wantsMore(501)).toBe(false);
  expect(await read(window)).toEqual(["d000500", "d000501"]);
  const next = await plan(desk, channel, 502);
  expect(window.admits(next.sort, next.offset, 2)).toBe(true);
});

test("what is planned while the last page is read comes with another one", async () => {
  const { desk, channel } = await setUp();
  await plan(desk, channel, 0);
  const { state } = desk.stores;
  const window = new OpenWindow(state, PLACE, { atLeast: 0, maxDeliveries: 10 });
  const list = state.list.bind(state);
  vi.spyOn(state, "list").mockImplementationOnce(async (query) => {
    const page = await list(query);
    const late = await plan(desk, channel, 1);
    expect(window.admits(late.sort, late.offset, 0)).toBe(false);
    return page;
  });
  expect(await read(window)).toEqual(["d000000"]);
  expect(window.wantsMore(1)).toBe(true);
  expect(await read(window)).toEqual(["d000001"]);
  expect(window.wantsMore(2)).toBe(false);
});

test("with more in memory than it holds, what comes waits in the state until there is room", async () => {
  const { desk, channel } = await setUp();
  const window = new OpenWindow(desk.stores.state, PLACE, { atLeast: 0, maxDeliveries: 2 });
  expect(await read(window)).toEqual([]);
  const plans: Awaited<ReturnType<typeof plan>>[] = [];
  for (let n = 0; n < 4; n += 1) plans.push(await plan(desk, channel, n));
  const admitted = plans.map(({ sort, offset }, size) => window.admits(sort, offset, size));
  expect(admitted).toEqual([true, true, false, false]);
  expect(window.wantsMore(2)).toBe(false);
  expect(window.wantsMore(1)).toBe(true);
  expect(await read(window)).toEqual(["d000002", "d000003"]);
});
