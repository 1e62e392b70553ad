import { expect, test } from "vitest";
import { type CloseSpec, DISCONNECTS, UNSUBSCRIBES } from "./close-codes.ts";

const disconnects: [string, CloseSpec][] = Object.entries(DISCONNECTS);
const unsubscribes: [string, CloseSpec][] = Object.entries(UNSUBSCRIBES);

/** What a client must not come back after by itself, since the same would happen again. */
const FINAL = new Set([
  "invalid_token",
  "bad_request",
  "stale",
  "force",
  "connection_limit",
  "too_many_errors",
]);

test.each(disconnects)(
  "%s closes with a code that tells clients whether to reconnect",
  (name, spec) => {
    const comesBack =
      (spec.code >= 3000 && spec.code < 3500) || (spec.code >= 4000 && spec.code < 4500);
    expect(comesBack).toBe(!FINAL.has(name));
    expect(spec.code).toBeGreaterThanOrEqual(3000);
    expect(spec.code).toBeLessThan(5000);
  },
);

test.each(unsubscribes)(
  "%s ends a subscription with a code of the protocol's range",
  (name, spec) => {
    expect(spec.code).toBeGreaterThanOrEqual(2000);
    expect(spec.code).toBeLessThan(3000);
    expect(spec.code >= 2500).toBe(name !== "server");
  },
);

test.each([...disconnects, ...unsubscribes])(
  "%s has a reason that fits into a close frame",
  (_name, spec) => {
    expect(spec.reason).not.toBe("");
    expect(Buffer.byteLength(spec.reason)).toBeLessThan(124);
  },
);

test("no two reasons share a code", () => {
  const codes = [...disconnects, ...unsubscribes].map(([, { code }]) => code);
  expect(new Set(codes).size).toBe(codes.length);
});
