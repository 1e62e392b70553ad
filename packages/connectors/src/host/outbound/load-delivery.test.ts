import type { LateStateStore } from "@anywire/core";
import { createMemoryLog, createMemoryState, MemoryLogBackend } from "@anywire/engines/memory";
import { afterEach, expect, test } from "vitest";
import { loadDelivery } from "./load-delivery.ts";
import { queuedOf } from "./open-window.ts";
import { createDesks, DESK_BACKENDS, type OutboundDesk } from "./outbound-desk.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

/** A state that stands still until a read asks for what it does not have. */
async function trailingState({ stores: { log } }: OutboundDesk): Promise<LateStateStore> {
  const backend = new MemoryLogBackend();
  const [copy, state] = [createMemoryLog(backend), createMemoryState(backend)];
  await Promise.all([copy.start(), state.start()]);
  const comeAlong = async (): Promise<void> => {
    const after = await state.position();
    const { entries } = await log.read({ pattern: ">", after, limit: 1_000, order: "asc" });
    for (const { channel, id, kind, sender, dataJson } of entries) {
      await copy.append({ channel, id, kind, sender, dataJson });
    }
  };
  await comeAlong();
  const read = state.get.bind(state);
  const get: LateStateStore["get"] = async (addresses, freshness) => {
    if ((freshness?.atLeast ?? 0) > (await state.position())) await comeAlong();
    return await read(addresses, freshness);
  };
  return Object.assign(state, { get, refusalOf: async () => undefined });
}

test("a wish that was recorded a moment ago counts, also where the state trails", async () => {
  const { desk, channel } = await setUp();
  desk.outbound.start();
  await desk.say(channel, "one");
  const delivery = await desk.untilStatus(channel, "sent");
  const state = await trailingState(desk);
  await desk.append("p.contact.c1", "consent", {
    address: "phone:+447700900001",
    connection: "main",
    state: "out",
    source: "keyword",
    reason: "wrote stop",
  });
  const connection = await desk.connections.find("main");
  if (connection === undefined) throw new Error("there is no connection");
  const { log } = desk.stores;
  const loaded = await loadDelivery({ log, state }, connection, queuedOf(delivery, 0));
  expect(loaded?.consents).toMatchObject([{ state: "out" }]);
});
