import { expect, test } from "vitest";
import { openPool } from "./pool.fixture.ts";

test("each trigger runs on its event and gives its result", async () => {
  const { run, pool } = await openPool({
    "publish.ts": `import { beforePublish } from "@anywire/functions";
      export default beforePublish("*.sms.*", (event) => { event.message.text += "!"; });`,
    "refuse.ts": `import { beforePublish } from "@anywire/functions";
      export default beforePublish("*.sms.*", (event) => event.abort("no"));`,
    "elsewhere.ts": `import { beforePublish } from "@anywire/functions";
      export default beforePublish("*.sms.*", (event) => event.reroute("production.sms.2"));`,
    "untouched.ts": `import { beforePublish } from "@anywire/functions";
      export default beforePublish("*.sms.*", async () => {});`,
    "signal.ts": `import { beforeSignal } from "@anywire/functions";
      export default beforeSignal("*.sms.*", (event) => event.ok({ said: event.kind }));`,
    "published.ts": `import { afterPublish } from "@anywire/functions";
      export default afterPublish("*.sms.*", (event, { log }) => log.info("offset " + event.offset));`,
    "signalled.ts": `import { afterSignal } from "@anywire/functions";
      export default afterSignal("*.sms.*", (event, { log }) => log.info(event.accountId));`,
    "present.ts": `import { afterPresence } from "@anywire/functions";
      export default afterPresence("*.sms.*", (event, { log }) => log.info(event.action));`,
    "request.ts": `import { onRequest } from "@anywire/functions";
      export default onRequest("POST /", async (event) => event.respond({ got: await event.text() }, { status: 201 }));`,
    "often.ts": `import { onInterval } from "@anywire/functions";
      export default onInterval("10m", (event, { log }) => log.info("at " + event.scheduledAt));`,
    "daily.ts": `import { onCron } from "@anywire/functions";
      export default onCron("0 9 * * *", (event, { log }) => log.info("at " + event.scheduledAt));`,
  });
  expect(pool.functions.map(({ name, trigger }) => [name, trigger])).toContainEqual([
    "daily",
    "onCron",
  ]);
  const ok = { type: "ok" };
  expect((await run("publish")).result).toEqual({ ...ok, changed: { text: "hello!" } });
  expect((await run("refuse")).result).toEqual({ type: "abort", reason: "no" });
  expect((await run("elsewhere")).result).toEqual({ type: "reroute", channel: "production.sms.2" });
  expect((await run("untouched")).result).toEqual(ok);
  expect((await run("signal")).result).toEqual({ ...ok, changed: { said: "typing" } });
  const logged = await Promise.all(
    ["published", "signalled", "present", "often", "daily"].map((name) => run(name)),
  );
  expect(logged.map(({ result, lines }) => [result, lines.map(({ text }) => text)])).toEqual(
    ["offset 1", "bob", "join", "at 1000", "at 1000"].map((text) => [ok, [text]]),
  );
  const { result } = await run("request");
  expect(result).toMatchObject({ type: "response", status: 201 });
  expect(result?.type === "response" && new TextDecoder().decode(result.body)).toBe(
    '{"got":"hello"}',
  );
});
