import { expect, test } from "vitest";
import { refusalText } from "./refusal-text.ts";

test("a refusal says what is wrong, in sizes that people use", () => {
  const told = (message: string): string => refusalText(new Error(message));
  expect(told("x/y is not accepted; send one of image/*, text/plain")).toBe("x/y is not accepted");
  expect(told("the attachment is larger than 26214400 bytes; send less")).toBe(
    "the attachment is larger than 26.2 MB",
  );
  expect(told("no answer")).toBe("no answer");
});
