import fc from "fast-check";
import { expect, test } from "vitest";
import { stableId } from "./stable-id.ts";

// What is stored has these ids: a change of one makes everything that was told before new.
test.each([
  [["a"], "gqgvpctpwccuin7og6gqpldxvv"],
  [["contact", "production", "phone:+447700900123"], "2d2bax4w2zcz4kpwwjv4p4ezhg"],
  [[null, "x", ""], "judkrydutx3qwie4rxszjd3brt"],
  [["ä€😀"], "gp52rq7s3dqjvymu7klxjk6lqu"],
])("the id of %j is the same as ever", (parts, id) => {
  expect(stableId(parts)).toBe(id);
});

test("an id is what the first 17 bytes of SHA-256 say, five bits a letter", async () => {
  const parts = fc.array(fc.option(fc.string({ unit: "binary" })), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(parts, async (given) => {
      const bytes = new TextEncoder().encode(JSON.stringify(given));
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      let bits = 0n;
      for (const byte of digest.subarray(0, 17)) bits = (bits << 8n) | BigInt(byte);
      const letters = Array.from({ length: 26 }, (_, i) => Number((bits >> BigInt(5 * i)) & 31n));
      const id = letters.map((letter) => "abcdefghijklmnopqrstuvwxyz234567"[letter]).join("");
      expect(stableId(given)).toBe(id);
    }),
  );
});
