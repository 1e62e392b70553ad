import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { onCron, onInterval } from "../../index.ts";
import { HOST_BACKENDS, type HostBackend, HostNode } from "./host-node.fixture.ts";
import { type Definitions, InlinePools } from "./inline-pool.fixture.ts";
import { toSchedule } from "./schedules.ts";

const START = Date.UTC(2026, 0, 1, 8, 59, 30);
const MINUTE = 60_000;

let backend: HostBackend;
let pools: InlinePools;
let nodes: HostNode[];

beforeEach(async () => {
  vi.useFakeTimers({ now: START, toFake: ["setTimeout", "clearTimeout", "Date"] });
  backend = await HOST_BACKENDS.memory();
  pools = new InlinePools();
  nodes = [];
  for (let i = 0; i < 2; i += 1) {
    const node = new HostNode(backend, { createPool: pools.create });
    nodes.push(node);
    await node.start();
  }
});

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(nodes.map((node) => node.close()));
  await backend.dispose();
});

async function deploy(definitions: Definitions, disabled: readonly string[] = []): Promise<void> {
  const active = pools.revision(createEntryId(), definitions);
  for (const node of nodes) await node.host.deploy({ active, disabled, since: {} });
}

test("each time is run once in the cluster, and one that fails not again before the next", async () => {
  const ran: string[] = [];
  await deploy({
    often: onInterval("1m", ({ scheduledAt }) => {
      ran.push(`often ${new Date(scheduledAt).toISOString()}`);
      throw new Error("boom");
    }),
    daily: onCron(
      "0 9 * * *",
      ({ scheduledAt }, { platform }) => {
        ran.push(`daily ${new Date(scheduledAt).toISOString()} ${platform}`);
      },
      { timeZone: "UTC", platform: "staging" },
    ),
  });
  await vi.advanceTimersByTimeAsync(2 * MINUTE);
  expect(ran.sort()).toEqual([
    "daily 2026-01-01T09:00:00.000Z staging",
    "often 2026-01-01T09:00:00.000Z",
    "often 2026-01-01T09:01:00.000Z",
  ]);
});

test("one that goes on as it was misses nothing, and one that is disabled or taken out runs no more", async () => {
  let runs = 0;
  const definitions = {
    a: onInterval("1m", () => {
      runs += 1;
    }),
  };
  await deploy(definitions);
  await vi.advanceTimersByTimeAsync(MINUTE - 1);
  await deploy(definitions);
  expect(runs).toBe(1);
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(runs).toBe(2);
  const claims = async (): Promise<number> => {
    const kv = nodes[0]?.stores.kv;
    return (await kv?.list({ prefix: "interval.", limit: 100 }))?.items.length ?? 0;
  };
  const before = await claims();
  expect(before).toBeGreaterThan(0);
  await deploy(definitions, ["a"]);
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  await deploy(definitions);
  await deploy({});
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  expect([await claims(), runs]).toEqual([before, 2]);
});

test("a cron line is told in its time zone", () => {
  const description = { name: "a", trigger: "onCron", binding: "0 9 * * *", file: "a.ts" } as const;
  const next = (timeZone: string): number | null =>
    toSchedule({ ...description, options: { timeZone } }).next(START);
  expect(next("UTC")).toBe(Date.UTC(2026, 0, 1, 9));
  expect(next("Europe/Berlin")).toBe(Date.UTC(2026, 0, 2, 8));
});
