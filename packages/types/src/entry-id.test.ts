import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { createEntryId, entryIdSchema, isEntryId } from "./entry-id.ts";

afterEach(() => {
  vi.useRealTimers();
});

function makeIds(count: number): string[] {
  return Array.from({ length: count }, createEntryId);
}

test("ids made later sort later, thousands of them within one millisecond", () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1000 });
  const ids = makeIds(5000);
  vi.advanceTimersByTime(1);
  ids.push(...makeIds(5000));
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(10_000);
});

test("ids made after the clock was set back still sort later", () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 });
  const before = makeIds(10);
  vi.setSystemTime(Date.now() - 3_600_000);
  const ids = [...before, ...makeIds(10)];
  expect(ids).toEqual([...ids].sort());
});

test("an id is a UUID of version 7 that carries its time", () => {
  const now = Date.now() + 20_000;
  vi.useFakeTimers({ toFake: ["Date"], now });
  const id = createEntryId();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(now);
  expect(isEntryId(id)).toBe(true);
});

test("a client's own id is any 1 to 64 letters, digits, _ or -", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\w-]{0,66}\n?$/)), (text) => {
      const isId = /^[A-Za-z0-9_-]+$/.test(text) && !text.endsWith("\n") && text.length <= 64;
      expect(isEntryId(text)).toBe(isId);
      expect(entryIdSchema.safeParse(text).success).toBe(isId);
    }),
  );
});
