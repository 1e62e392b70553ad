import { expect, test } from "vitest";
import { ERROR_MEANINGS } from "./error-meanings.ts";
import { AnywireError, ERRORS, type ErrorCode, type ErrorSpec, toAnywireError } from "./errors.ts";

const rows = Object.entries(ERRORS) as [ErrorCode, ErrorSpec][];

/** Temporary or not, as the official clients know them. */
const PROTOCOL_CODES: Readonly<Record<number, boolean>> = {
  100: true,
  101: false,
  102: false,
  103: false,
  104: false,
  105: false,
  106: false,
  107: false,
  108: false,
  109: false,
  110: false,
  111: true,
  112: false,
};

test.each(rows)("%s has a socket code that clients take as it is meant", (_code, spec) => {
  const isOurs = spec.socket >= 400 && spec.socket <= 1999;
  const isProtocols = Object.hasOwn(PROTOCOL_CODES, spec.socket);
  expect(isOurs || isProtocols).toBe(true);
  if (isProtocols) expect(spec.retry).toBe(PROTOCOL_CODES[spec.socket]);
});

test.each(rows)(
  "%s has an HTTP status of an error, a name in snake_case and a sentence",
  (code, spec) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(spec.http).toBeGreaterThanOrEqual(400);
    expect(spec.http).toBeLessThan(600);
    expect(ERROR_MEANINGS[code]).toMatch(/^[A-Z].*\.$/);
  },
);

test("no two errors share a socket code", () => {
  expect(new Set(rows.map(([, { socket }]) => socket)).size).toBe(rows.length);
});

test("an unknown error becomes internal, shows nothing of itself and is kept as the cause", () => {
  const cause = new Error("password=hunter2");
  const error = toAnywireError(cause);
  expect(error).toMatchObject({ code: "internal", cause, details: {} });
  expect(error.message).not.toContain("hunter2");
  expect(toAnywireError(undefined).code).toBe("internal");
});

test("an error of ours stays the one it is", () => {
  const error = new AnywireError("too_large", "too much", { details: { maxBytes: 1 } });
  expect(toAnywireError(error)).toBe(error);
  expect(error).toMatchObject({ name: "AnywireError", details: { maxBytes: 1 } });
});
