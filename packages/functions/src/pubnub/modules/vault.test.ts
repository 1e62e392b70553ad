import { expect, test } from "vitest";
import { createTestContext } from "../../author/testing/test-context.ts";
import { runAsCurrent } from "../current-run.ts";
import { vault } from "./vault.ts";

test("a secret is that of the configuration, and null when there is none", async () => {
  await runAsCurrent(createTestContext({ secrets: { API_KEY: "s3cret" } }), async () => {
    expect(await vault.get("API_KEY")).toBe("s3cret");
    expect(await vault.get("OTHER")).toBeNull();
  });
});

test("outside of a run it rejects", async () => {
  await expect(vault.get("API_KEY")).rejects.toThrow("outside of a run");
});
