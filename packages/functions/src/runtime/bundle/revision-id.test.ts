import { expect, test } from "vitest";
import type { FunctionCode } from "./revision.ts";
import { revisionId } from "./revision-id.ts";

const greet: FunctionCode = { name: "greet", file: "greet.ts", code: "export default 1;" };
const sms: FunctionCode = { name: "sms", file: "sms.js", code: "export default 2;" };

test("the same functions are the same revision, in whatever order", async () => {
  const id = revisionId([greet, sms]);
  expect(id).toMatch(/^[a-z2-7]{26}$/);
  expect(revisionId([sms, greet])).toBe(id);
});

test("another name, file, code, binding, option or function is another revision", async () => {
  const pubnub = { trigger: "beforePublish", binding: "*.sms.*" } as const;
  const ids = await Promise.all(
    [
      [],
      [greet],
      [greet, sms],
      [{ ...greet, name: "hello" }],
      [{ ...greet, file: "greet.js" }],
      [{ ...greet, code: "export default 3;" }],
      [{ ...greet, pubnub }],
      [{ ...greet, pubnub: { ...pubnub, binding: "*.group.*" } }],
      [{ ...greet, pubnub: { ...pubnub, trigger: "afterPublish" } as const }],
      [{ ...greet, pubnub: { ...pubnub, options: { deadlineMs: 500 } } }],
      [{ ...greet, pubnub: { ...pubnub, options: { deadlineMs: 600 } } }],
    ].map(revisionId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});
