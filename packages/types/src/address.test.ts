import fc from "fast-check";
import { expect, test } from "vitest";
import {
  accountAddress,
  accountIdOf,
  accountIdSchema,
  addressSchema,
  isAccountId,
  parseAddress,
} from "./address.ts";
import { isSegment } from "./channel-name.ts";

test("an address taken apart has the parts it was made of", () => {
  const kind = fc.stringMatching(/^[a-z][a-z0-9_-]{0,31}$/);
  const value = fc.stringMatching(/^[a-zA-Z0-9+@.:_/-]{1,256}$/);
  fc.assert(
    fc.property(kind, value, (k, v) => {
      expect(parseAddress(`${k}:${v}`)).toEqual({ kind: k, value: v });
      expect(addressSchema.safeParse(`${k}:${v}`).success).toBe(true);
    }),
  );
});

test.each([
  "",
  "bob",
  ":bob",
  "account:",
  "Account:bob",
  "1a:b",
  "phone:+44 7700",
  "x:a\nb",
  "x:\u0000",
])("%j is not an address", (text) => {
  expect(() => parseAddress(text)).toThrow("is not an address");
  expect(addressSchema.safeParse(text).success).toBe(false);
});

/** Symptom: whoever wrote to the loft `Loft 7` was told to write such as account:bob. */
test.each([
  ["pigeon:Loft 7", "pigeon:loft-7"],
  ["phone:+44 7700", "phone:+447700900123"],
  ["telex: Ann\nSmith", "telex:Ann-Smith"],
  ["telex:", "telex:name"],
  ["bob", "account:bob or phone:+447700900123"],
])("whoever writes %j is shown an address of that kind", (text, example) => {
  expect(() => parseAddress(text)).toThrow(
    `${JSON.stringify(text)} is not an address; write kind:value without spaces, such as ${example}`,
  );
});

test("an address can be in any script and of up to 256 characters", () => {
  for (const value of ["żółw@例え.jp", "😀".repeat(256), "o'neil\"@example.org"]) {
    expect(parseAddress(`email:${value}`).value).toBe(value);
  }
  expect(() => parseAddress(`email:${"😀".repeat(257)}`)).toThrow("is not an address");
});

test("an account's id is a segment, so that its notification channel has a name", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\w-]{0,70}$/)), (text) => {
      expect(isAccountId(text)).toBe(isSegment(text));
      expect(accountIdSchema.safeParse(text).success).toBe(isSegment(text));
      if (isAccountId(text)) expect(accountIdOf(accountAddress(text))).toBe(text);
    }),
  );
});

test("only an account's address has an account behind it", () => {
  expect(accountIdOf("phone:+447700900123")).toBeUndefined();
  expect(accountIdOf("accounts:bob")).toBeUndefined();
});
