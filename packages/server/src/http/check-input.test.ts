import { createConnectionRequestSchema } from "@anywire/types";
import { expect, test } from "vitest";
import { checkInput } from "./check-input.ts";

test("what is wrong with a request is told in words, field by field", () => {
  const body = { id: "a b", settings: [], isEnabled: "yes", colour: "red" };
  expect(() => checkInput(createConnectionRequestSchema, body, "the body")).toThrow(
    expect.objectContaining({
      code: "bad_request",
      message:
        'the body is not right. id: must be 1 to 64 letters, digits, _ or -; connector: is missing; settings: must be an object; isEnabled: must be true or false; must not have "colour", which is unknown',
      details: { errors: expect.arrayContaining([{ path: "connector", message: "is missing" }]) },
    }),
  );
});
