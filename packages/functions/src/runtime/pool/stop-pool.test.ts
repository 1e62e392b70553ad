import { expect, test } from "vitest";
import { openPool } from "./pool.fixture.ts";

const HANG = `
import { afterPublish } from "@anywire/functions";

export default afterPublish("*.sms.*", async (event, { kv }) => {
  await kv.get("begun");
  await new Promise(() => {});
});
`;
const LOOP = HANG.replace("await new Promise(() => {});", "for (;;);");

test.each([
  ["never settles", HANG],
  ["never hands over to its event loop", LOOP],
])(
  "a pool that is stopped does not wait for what %s, nor for what waits behind it",
  async (_, code) => {
    const begun = Promise.withResolvers<void>();
    const { pool, run } = await openPool(
      { "hang.ts": code },
      { limits: { maxWorkers: 1, maxConcurrentRuns: 1 }, calls: async () => begun.resolve() },
    );
    const runs = [run("hang"), run("hang")];
    await begun.promise;
    const closed = pool.close();
    pool.stop();
    await closed;
    for (const { error } of await Promise.all(runs)) expect(error?.failure).toBe("stopped");
    expect((await run("hang")).error?.failure).toBe("stopped");
  },
);
