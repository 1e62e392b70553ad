import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ServerClock } from "./server-clock.ts";

const AHEAD_MS = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A server that is an hour ahead; each answer takes its time on the way back. */
function createServer(...delays: number[]) {
  const server = { asked: 0, ahead: AHEAD_MS };
  const ask = async (): Promise<number> => {
    const time = Date.now() + server.ahead;
    const delay = delays[server.asked % delays.length] ?? 0;
    server.asked += 1;
    await new Promise((resolve) => setTimeout(resolve, delay));
    return time;
  };
  return { server, clock: new ServerClock(ask) };
}

async function timeOf(clock: ServerClock): Promise<number> {
  const asking = clock.now();
  await vi.advanceTimersByTimeAsync(10_000);
  return (await asking) - Date.now() + 10_000;
}

it("says what time it is at a server, early by its quickest answer, and never late", async () => {
  const { clock } = createServer(300, 20, 50);
  const asking = clock.now();
  await vi.advanceTimersByTimeAsync(370);
  expect(await asking).toBeCloseTo(Date.now() + AHEAD_MS - 20, 3);
});

it("asks the server once a minute, and goes on by itself meanwhile", async () => {
  const { server, clock } = createServer(0);
  await Promise.all([timeOf(clock), timeOf(clock)]);
  const { asked } = server;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await clock.now()).toBeCloseTo(Date.now() + AHEAD_MS, 3);
  expect(server.asked).toBe(asked);
  server.ahead = 0;
  await vi.advanceTimersByTimeAsync(40_000);
  await timeOf(clock);
  expect(server.asked).toBe(2 * asked);
  expect(await clock.now()).toBeCloseTo(Date.now(), 3);
});

it("asks again when it is told to forget, and when this machine has slept", async () => {
  const { server, clock } = createServer(0);
  await timeOf(clock);
  const { asked } = server;
  clock.forget();
  await timeOf(clock);
  expect(server.asked).toBe(2 * asked);
  // Asleep, the clock of `performance.now` stands still.
  vi.setSystemTime(Date.now() + 30_000);
  await timeOf(clock);
  expect(server.asked).toBe(3 * asked);
  expect(await clock.now()).toBeCloseTo(Date.now() + AHEAD_MS, 3);
});
