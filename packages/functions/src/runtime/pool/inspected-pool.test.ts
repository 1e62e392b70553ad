import inspector from "node:inspector";
import { expect, onTestFinished, test } from "vitest";
import { openPool } from "./pool.fixture.ts";

test("while the inspector is open no deadline counts, so that a breakpoint costs no run", async () => {
  const { run } = await openPool({
    "slow.ts": `import { beforePublish } from "@anywire/functions";
      export default beforePublish("*.sms.*", () => new Promise((resolve) => setTimeout(resolve, 300)));`,
  });
  expect((await run("slow", { deadlineMs: 50 })).error?.failure).toBe("late");
  inspector.open(0, "127.0.0.1");
  onTestFinished(() => inspector.close());
  expect((await run("slow", { deadlineMs: 50 })).result).toEqual({ type: "ok" });
});
