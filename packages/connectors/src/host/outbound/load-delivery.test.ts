import { afterEach, expect, test } from "vitest";
import { trailingStores } from "../trailing-stores.fixture.ts";
import { loadDelivery } from "./load-delivery.ts";
import { queuedOf } from "./open-window.ts";
import { createDesks, DESK_BACKENDS } from "./outbound-desk.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

test("a wish that was recorded a moment ago counts, also where the state trails", async () => {
  const { desk, channel, on } = await setUp();
  desk.outbound.start();
  await desk.say(channel, "one");
  const delivery = await desk.untilStatus(channel, "sent");
  const { log, state } = trailingStores(on.createStores());
  await Promise.all([log.start(), state.start()]);
  await desk.append("p.contact.c1", "consent", {
    address: "phone:+447700900001",
    connection: "main",
    state: "out",
    source: "keyword",
    reason: "wrote stop",
  });
  const connection = await desk.connections.find("main");
  if (connection === undefined) throw new Error("there is no connection");
  const loaded = await loadDelivery({ log, state }, connection, queuedOf(delivery, 0));
  expect(loaded?.consents).toMatchObject([{ state: "out" }]);
});
