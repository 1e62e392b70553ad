import { expect, test } from "vitest";
import { codecAuth } from "./codec-auth.ts";

test("basic gives the whole value of the header", () => {
  expect(codecAuth.basic("many", "blocks")).toBe("Basic bWFueTpibG9ja3M=");
});

test("what is no ASCII is encoded as UTF-8, as RFC 7617 has it", () => {
  expect(codecAuth.basic("test", "123£")).toBe("Basic dGVzdDoxMjPCow==");
});
