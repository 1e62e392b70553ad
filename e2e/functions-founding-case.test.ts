import { expect, test } from "vitest";
import { functionsDirectory } from "./support/functions-directory.ts";
import { say } from "./support/http-call.ts";
import { connectSdk, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const FORWARD = `
import { afterPublish } from "@anywire/functions";

export default afterPublish("*.sms.*", async (event, { publish }) => {
  await publish("production.group.desk-" + event.channelId, "SMS: " + event.message.text);
});
`;

test("a message on an sms channel runs the function that is bound to them, which hands it on; one on a group does not", async () => {
  const functions = await functionsDirectory({ "forward.ts": FORWARD });
  const server = await startTestServer({
    functions: { source: "directory", directory: functions.path },
  });
  const client = await connectSdk(server);
  const { publications } = await subscribeSdk(client, "production.group.*");
  await say(server, "production.group.before", "not for it");
  await say(server, "production.sms.42", "hello");
  const handed = await publications.find(({ data }) => data.text !== "not for it");
  expect(handed).toMatchObject({
    data: { text: "SMS: hello" },
    tags: { channel: "production.group.desk-42" },
    info: { user: "function:forward" },
  });
  await say(server, "production.group.after", "not for it");
  await say(server, "production.sms.43", "again");
  await publications.find(({ tags }) => tags?.["channel"] === "production.group.desk-43");
  const texts = publications.items.map(({ data }) => data.text);
  expect(texts).toEqual(["not for it", "SMS: hello", "not for it", "SMS: again"]);
});
