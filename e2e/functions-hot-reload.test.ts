import type { BuildProblem } from "@anywire/functions/runtime";
import { expect, test } from "vitest";
import { functionsDirectory } from "./support/functions-directory.ts";
import { say } from "./support/http-call.ts";
import { Inbox } from "./support/inbox.ts";
import { connectSdk, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

function answering(text: string): string {
  return `
import { afterPublish } from "@anywire/functions";

export default afterPublish("*.sms.*", async (event, { publish }) => {
  await publish("production.group.desk", "${text} " + event.message.text);
});
`;
}

test("a saved file runs, a broken one is told and what ran goes on, and a mended one runs", async () => {
  const functions = await functionsDirectory({ "answer.ts": answering("one") });
  const told = new Inbox<readonly BuildProblem[] | "fixed">("what is told of files");
  const server = await startTestServer(
    { functions: { source: "directory", directory: functions.path } },
    {
      functionFiles: {
        onProblems: (problems) => told.push(problems),
        onFixed: () => told.push("fixed"),
      },
    },
  );
  const { publications } = await subscribeSdk(await connectSdk(server), "production.group.desk");
  let asked = 0;
  /** Says something, has it answered, and so on until an answer of that beginning has come. */
  const sayUntil = async (beginning: string): Promise<void> => {
    const before = publications.items.length;
    const hasCome = (): boolean =>
      publications.items.slice(before).some(({ data: { text } }) => text.startsWith(beginning));
    while (!hasCome()) {
      asked += 1;
      const number = `#${asked}`;
      await say(server, "production.sms.1", number);
      await publications.find(({ data: { text } }) => text.endsWith(number), number);
    }
  };
  await sayUntil("one");
  await functions.write("answer.ts", answering("two"));
  await sayUntil("two");
  await functions.write("answer.ts", "export default afterPublish(");
  const problems = await told.find((item) => item !== "fixed");
  expect(problems).toMatchObject([{ file: "answer.ts", line: 1 }]);
  await sayUntil("two");
  await functions.write("answer.ts", answering("three"));
  await told.find((item) => item === "fixed");
  await say(server, "production.sms.1", "now");
  expect(await publications.find(({ data: { text } }) => text.endsWith("now"))).toMatchObject({
    data: { text: "three now" },
  });
  await functions.write("also.ts", answering("also"));
  await sayUntil("also");
}, 60_000);
