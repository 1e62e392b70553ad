import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConsumerSaves } from "./consumer-saves.ts";

const TURN_MS = 50;

describe("the turns in which the consumers of a node save", () => {
  let saves: ConsumerSaves;

  beforeEach(() => {
    vi.useFakeTimers();
    saves = new ConsumerSaves();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("come soon, and once however often one was asked for", () => {
    const save = vi.fn();
    saves.request(save);
    saves.request(save);
    expect(save).not.toHaveBeenCalled();
    vi.advanceTimersByTime(TURN_MS);
    expect(save).toHaveBeenCalledOnce();
    saves.request(save);
    vi.advanceTimersByTime(TURN_MS);
    expect(save).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are 32 at once, whoever waited longest first, even when all ask again at once", () => {
    const saved: number[] = [];
    const all = Array.from({ length: 100 }, (_, i) => () => {
      saved.push(i);
      request(i);
    });
    const request = (i: number): void => saves.request(all[i] as () => void);
    for (let i = 0; i < 100; i += 1) request(i);
    vi.advanceTimersByTime(3 * TURN_MS);
    expect(saved).toEqual(Array.from({ length: 96 }, (_, i) => i));
    vi.advanceTimersByTime(TURN_MS);
    expect(saved.slice(96, 101)).toEqual([96, 97, 98, 99, 0]);
  });

  it("leave out who was cancelled", () => {
    const cancelled = vi.fn();
    const save = vi.fn();
    saves.request(cancelled);
    saves.request(save);
    saves.cancel(cancelled);
    vi.advanceTimersByTime(TURN_MS);
    expect([cancelled.mock.calls.length, save.mock.calls.length]).toEqual([0, 1]);
    saves.request(save);
    saves.cancel(save);
    expect(vi.getTimerCount()).toBe(0);
  });
});
