import { type Message, messageSchema } from "@anywire/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FunctionFault } from "./function-fault.ts";
import { fromFunctionMessage, toFunctionMessage } from "./function-message.ts";

const part = fc.record({ type: fc.constant("text" as const), text: fc.string({ minLength: 1 }) });
const message = fc
  .record(
    {
      text: fc.string({ minLength: 1 }),
      parts: fc.array(part, { minLength: 1, maxLength: 3 }),
      replyTo: fc.constant("m-1"),
      meta: fc.constant({ a: [1, { b: null }] }),
    },
    { requiredKeys: [] },
  )
  .filter((value) => messageSchema.safeParse(value).success);

test("a message comes back as it was, and a stored one stays as it is", () => {
  fc.assert(
    fc.property(message, (value: Message) => {
      const given = structuredClone(value);
      expect(fromFunctionMessage(toFunctionMessage(value))).toEqual(given);
      expect(fromFunctionMessage(value)).toEqual(given);
      expect(value).toEqual(given);
    }),
  );
});

test("the text of a message of parts alone is empty, and is not stored", () => {
  const parts = [{ type: "text" as const, text: "a" }];
  expect(toFunctionMessage({ parts })).toEqual({ parts, text: "" });
  expect(fromFunctionMessage({ parts, text: "" })).toEqual({ parts });
  expect(fromFunctionMessage({ parts, text: undefined })).toEqual({ parts });
});

test.each([
  [
    { text: "" },
    'an object, {"text":""} is no message, such as { text: "Hello" }: a message needs text or parts',
  ],
  [{ text: 7 }, "text: "],
  [{ text: "a", replyTo: "no id" }, "replyTo: must be 1 to 64"],
  [{ text: "a", html: "<b>" }, "html"],
  ["hi", 'the string "hi" is no message'],
  [null, "null is no message"],
  [undefined, "nothing is no message"],
])("%o is refused as a result", (value, words) => {
  const convert = () => fromFunctionMessage(value);
  expect(convert).toThrow(FunctionFault);
  expect(convert).toThrow(expect.objectContaining({ failure: "bad_result" }));
  expect(convert).toThrow(words);
});
