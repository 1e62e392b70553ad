import { expect, test } from "vitest";
import { readEvent } from "./read-event.ts";

test("an event is an object in JSON; nothing is an event of which everything is left open", () => {
  expect(readEvent('{ "message": { "text": "hi" } }')).toEqual({ message: { text: "hi" } });
  expect(readEvent("  ")).toEqual({});
});

test("what is no event is told", () => {
  for (const text of ["[]", "null", '"hi"']) {
    expect(readEvent(text)).toMatchObject({ message: expect.stringContaining("object") });
  }
  expect(readEvent("{")).toMatchObject({ message: expect.stringContaining("not JSON yet") });
});
