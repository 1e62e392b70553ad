import { expect, test } from "vitest";
import { lastingEngine } from "./support/engine-config.ts";
import { functionsDirectory } from "./support/functions-directory.ts";
import { callHttp, say } from "./support/http-call.ts";
import { connectSdk, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

function slow(rest: string): string {
  return `
import { afterPublish } from "@anywire/functions";

export default afterPublish("*.sms.*", async (event, { publish }) => {
  await publish("production.group.desk", "begun " + event.message.text, { id: "begun" });
  ${rest}
}, { deadlineMs: 300_000 });
`;
}

test("a run that goes on for ever does not keep a server from stopping; the next one runs it again", async () => {
  const engine = await lastingEngine();
  const functions = await functionsDirectory({ "slow.ts": slow("await new Promise(() => {});") });
  const config = {
    ...engine,
    functions: { source: "directory", directory: functions.path },
    shutdown: { timeoutMs: 100 },
  } as const;
  const one = await startTestServer(config);
  const desk = await subscribeSdk(await connectSdk(one), "production.group.desk");
  await say(one, "production.sms.1", "hello");
  await desk.publications.find(({ data }) => data.text === "begun hello");
  await one.close();

  await functions.write("slow.ts", slow('await publish("production.group.desk", "done");'));
  const two = await startTestServer(config, { keySet: one.keySet });
  const token = await two.token("bob");
  const said = async (): Promise<string[]> => {
    const path = "/v1/channels/production.group.desk/entries";
    const { body } = await callHttp(two, token, "GET", path);
    return body.entries.map(({ data }: { data: { text: string } }) => data.text);
  };
  await expect.poll(said, { timeout: 10_000 }).toEqual(["begun hello", "done"]);
}, 60_000);

const WAITS = `
import { onRequest } from "@anywire/functions";

export default onRequest("GET /waits", async (event, { publish }) => {
  await publish("production.group.desk", "asked", { id: "asked" });
  await new Promise(() => {});
}, { auth: "none", deadlineMs: 300_000 });
`;

// Requests had all of the time, and after them the runs once more: together more than a stop is given, so that it was cut off in the middle.
test("requests and runs that go on for ever share the time that a stop may take", async () => {
  const timeoutMs = 4000;
  const functions = await functionsDirectory({
    "slow.ts": slow("await new Promise(() => {});"),
    "waits.ts": WAITS,
  });
  const server = await startTestServer({
    functions: { source: "directory", directory: functions.path },
    shutdown: { timeoutMs },
  });
  const desk = await subscribeSdk(await connectSdk(server), "production.group.desk");
  await say(server, "production.sms.1", "hello");
  await desk.publications.find(({ data }) => data.text === "begun hello");
  const answer = fetch(`${server.url}/functions/waits`).then(
    () => "answered",
    () => "cut off",
  );
  await desk.publications.find(({ data }) => data.text === "asked");
  const begin = performance.now();
  await server.close();
  expect(performance.now() - begin).toBeLessThan(1.75 * timeoutMs);
  expect(await answer).toBe("cut off");
}, 60_000);
