import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ClientEvents, ConnectionState } from "../client.ts";
import { Emitter } from "../emitter.ts";
import { reportAway } from "./report-away.ts";

const AFTER_MS = 60_000;

class Page extends EventTarget {
  visibilityState = "visible";

  touch(name = "keydown"): void {
    this.dispatchEvent(new Event(name));
  }
}

function setUp() {
  const page = new Page();
  const events = new Emitter<ClientEvents>();
  const said: string[] = [];
  const answer = vi.fn(async () => ({}));
  const client = {
    state: "connected" as ConnectionState,
    on: events.on.bind(events),
    call: async (_: string, request?: object) => {
      said.push((request as { status: string }).status);
      return (await answer()) as never;
    },
  };
  const connect = (state: ConnectionState): void => {
    client.state = state;
    events.emit("state", { state, failedAttempts: 0 });
  };
  const stop = reportAway(client, { afterMs: AFTER_MS, page });
  return { page, said, answer, connect, stop };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a page that nobody touches is away after a while, and back with the first touch", () => {
  const { page, said } = setUp();
  vi.advanceTimersByTime(AFTER_MS - 1);
  page.touch();
  vi.advanceTimersByTime(AFTER_MS - 1);
  expect(said).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(said).toEqual(["away"]);
  page.touch("pointermove");
  page.touch("pointermove");
  expect(said).toEqual(["away", "online"]);
  vi.advanceTimersByTime(AFTER_MS);
  expect(said).toEqual(["away", "online", "away"]);
});

test("a page that is not on the screen is not touched", () => {
  const { page, said } = setUp();
  vi.advanceTimersByTime(AFTER_MS);
  page.visibilityState = "hidden";
  page.touch("scroll");
  expect(said).toEqual(["away"]);
  page.visibilityState = "visible";
  page.touch("visibilitychange");
  expect(said).toEqual(["away", "online"]);
});

test("a new connection is told again, since it counts as online", () => {
  const { said, connect } = setUp();
  vi.advanceTimersByTime(AFTER_MS);
  connect("connecting");
  connect("connected");
  expect(said).toEqual(["away", "away"]);
});

test("nothing is said while there is no connection, nor after it was stopped", () => {
  const { page, said, connect, stop } = setUp();
  connect("connecting");
  vi.advanceTimersByTime(AFTER_MS);
  expect(said).toEqual([]);
  stop();
  connect("connected");
  page.touch();
  expect(said).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("what the server refused is said again after a while, or when somebody comes", async () => {
  // It passed for said, and whoever was back stayed away for the others.
  const { page, said, answer, stop } = setUp();
  answer.mockRejectedValueOnce(new Error("for a test")).mockRejectedValueOnce(new Error("again"));
  await vi.advanceTimersByTimeAsync(AFTER_MS);
  expect(said).toEqual(["away"]);
  await vi.advanceTimersByTimeAsync(AFTER_MS);
  expect(said.slice(1)).toEqual(["away", "away"]);
  answer.mockRejectedValueOnce(new Error("for a test"));
  page.touch();
  await vi.advanceTimersByTimeAsync(1_000);
  page.touch();
  expect(said.slice(3)).toEqual(["online", "online"]);
  answer.mockRejectedValue(new Error("for a test"));
  await vi.advanceTimersByTimeAsync(AFTER_MS);
  stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("what was said on a connection that broke, and comes through on the next one, is corrected", async () => {
  // A request is asked again there, after which somebody who was back counted as away.
  const { page, said, answer, connect } = setUp();
  const late = Promise.withResolvers<object>();
  answer.mockReturnValueOnce(late.promise);
  await vi.advanceTimersByTimeAsync(AFTER_MS);
  connect("connecting");
  page.touch();
  connect("connected");
  expect(said).toEqual(["away"]);
  late.resolve({});
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toEqual(["away", "online"]);
});
