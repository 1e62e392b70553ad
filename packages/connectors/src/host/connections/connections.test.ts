import { afterEach, expect, test, vi } from "vitest";
import { createDesks, DESK_BACKENDS } from "../outbound/outbound-desk.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(async () => {
  vi.restoreAllMocks();
  await end();
});

test("a connection is read anew after a second, also when the clock was set back by an hour", async () => {
  const { desk } = await setUp();
  const steady = vi.spyOn(performance, "now").mockReturnValue(10_000);
  const wall = vi.spyOn(Date, "now").mockReturnValue(1_800_000_000_000);
  const isEnabled = async () => (await desk.connections.find("main"))?.document.isEnabled;
  expect(await isEnabled()).toBe(true);
  await desk.change("main", { isEnabled: false });
  expect(await isEnabled()).toBe(true);
  steady.mockReturnValue(11_001);
  wall.mockReturnValue(1_800_000_000_000 - 3_600_000);
  expect(await isEnabled()).toBe(false);
});
