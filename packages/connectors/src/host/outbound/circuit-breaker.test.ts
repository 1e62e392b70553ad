import { expect, test } from "vitest";
import { CircuitBreaker } from "./circuit-breaker.ts";

const create = () =>
  new CircuitBreaker({ breakerFailures: 3, breakerPauseMs: 100, breakerMaxPauseMs: 300 });
const NETWORK = { class: "network", reason: "no route" } as const;

test("failures in a row open it, one success in between begins the count anew", () => {
  const breaker = create();
  breaker.failed(NETWORK, 0);
  breaker.failed(NETWORK, 0);
  expect(breaker.health()).toMatchObject({ state: "degraded" });
  breaker.succeeded(0);
  breaker.failed(NETWORK, 0);
  breaker.failed(NETWORK, 0);
  expect(breaker.state).toBe("closed");
  breaker.failed(NETWORK, 0);
  expect(breaker.state).toBe("open");
  expect(breaker.freeAt()).toBe(100);
});

test("after the pause one tries at a time, and each failure doubles the pause up to the longest", () => {
  const breaker = create();
  for (let i = 0; i < 3; i += 1) breaker.failed(NETWORK, 0);
  const pauses: number[] = [];
  for (let now = breaker.freeAt(); pauses.length < 4; now = breaker.freeAt()) {
    expect(breaker.begin()).toBe(true);
    expect(breaker.freeAt()).toBe(Number.POSITIVE_INFINITY);
    breaker.failed(NETWORK, now);
    pauses.push(breaker.freeAt() - now);
  }
  expect(pauses).toEqual([200, 300, 300, 300]);
  breaker.begin();
  breaker.succeeded(5_000);
  expect(breaker.freeAt()).toBe(0);
});

test("what was under way when it opened neither closes the half nor lengthens the pause", () => {
  const breaker = create();
  for (let i = 0; i < 10; i += 1) breaker.failed(NETWORK, i);
  expect(breaker.freeAt()).toBe(102);
});

test("who was not sent after all leaves the trying to the next", () => {
  const breaker = create();
  for (let i = 0; i < 3; i += 1) breaker.failed(NETWORK, 0);
  breaker.begin();
  breaker.abandoned();
  expect(breaker.freeAt()).toBe(100);
});

test.each([
  ["auth", "relogin"],
  ["payment", "pay"],
] as const)("%s opens it at once and asks a person to %s", (kind, humanAction) => {
  const breaker = create();
  breaker.failed({ class: kind, reason: "x", retryAfterMs: 900 }, 0);
  expect(breaker.health()).toMatchObject({ state: "down", humanAction, retryAt: 900 });
});
