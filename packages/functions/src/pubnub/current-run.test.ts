import { expect, test } from "vitest";
import { createTestContext } from "../author/testing/test-context.ts";
import { currentContext, runAsCurrent } from "./current-run.ts";

test("outside of a run there is no context, and the error says what to do", () => {
  expect(currentContext).toThrow(
    expect.objectContaining({
      code: "unsupported",
      message: expect.stringContaining("not while the file is loaded"),
    }),
  );
});

test("runs at the same time each have their own context, also after waiting", async () => {
  const work = async (name: string): Promise<string> => {
    const context = createTestContext({ functionName: name });
    return runAsCurrent(context, async () => {
      const before = currentContext().functionName;
      await Promise.resolve();
      return `${before} ${currentContext().functionName}`;
    });
  };
  expect(await Promise.all([work("one"), work("two")])).toEqual(["one one", "two two"]);
});

test("what comes after a run is outside of it", () => {
  runAsCurrent(createTestContext(), () => currentContext());
  expect(currentContext).toThrow("outside of a run");
});
