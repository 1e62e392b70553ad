import { createNatsLink, createNatsLog } from "@anywire/engines/nats";

// A node in a process of its own, for a test that kills it: answers each message of some channels, and says so.
const [url = "", prefix = "", leaseMs = "", pattern = "", answers = ""] = process.argv.slice(2);
const log = createNatsLog(createNatsLink({ servers: [url], prefix }), { leaseMs: Number(leaseMs) });
await log.start();
await log.consume({ name: "answers", pattern }, async ({ channel, id, offset }) => {
  // An id that follows from the entry makes that it is answered once, however often it is handled.
  const answer = { channel: answers, id: `re-${id}`, sender: "account:answers" };
  const dataJson = JSON.stringify({ text: "heard", meta: { channel, offset } });
  await log.append({ ...answer, kind: "message", dataJson });
  process.stdout.write(`${JSON.stringify({ channel, offset, id })}\n`);
});
process.stdout.write('{"ready":true}\n');
