import type { SentMessage } from "@anywire/types";
import { describe, expect, test } from "vitest";
import { functionsDirectory } from "./support/functions-directory.ts";
import { callHttp } from "./support/http-call.ts";
import { connectSdk, DIALECTS, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const RULES = `
import { beforePublish } from "@anywire/functions";

export default beforePublish("*.group.lobby", (event) => {
  const { text } = event.message;
  if (text.includes("darn")) event.message.text = text.replace("darn", "****");
  if (text.startsWith("spam")) return event.abort("no advertisements, please");
  if (text.startsWith("help")) return event.reroute("production.group.desk");
  if (text.startsWith("crash")) throw new Error("out of ideas");
});
`;
const NO_TYPING = `
import { beforeSignal } from "@anywire/functions";

export default beforeSignal("*.group.lobby", (event) => event.abort("nobody types here"));
`;
const LOBBY = "production.group.lobby";

async function startWithRules(): Promise<TestServer> {
  const functions = await functionsDirectory({ "rules.ts": RULES, "typing.ts": NO_TYPING });
  return startTestServer({ functions: { source: "directory", directory: functions.path } });
}

test("over HTTP, a function changes a message, refuses it, sends it elsewhere, or fails and refuses it", async () => {
  const server = await startWithRules();
  const token = await server.token("bob");
  const post = (text: string) =>
    callHttp(server, token, "POST", `/v1/channels/${LOBBY}/messages`, { text });
  const read = async (channel: string): Promise<string[]> => {
    const { body } = await callHttp(server, token, "GET", `/v1/channels/${channel}/entries`);
    return body.entries.map(({ data }: { data: { text: string } }) => data.text);
  };
  expect(await post("well, darn")).toMatchObject({ status: 201, body: { channel: LOBBY } });
  expect(await post("spam spam")).toMatchObject({
    status: 422,
    body: { code: "function_aborted", detail: "no advertisements, please" },
  });
  expect(await post("help me")).toMatchObject({
    status: 201,
    body: { channel: "production.group.desk" },
  });
  const failed = await post("crash");
  expect(failed).toMatchObject({ status: 500, body: { code: "function_failed" } });
  expect(failed.body.detail).toContain("rules");
  expect(await read(LOBBY)).toEqual(["well, ****"]);
  expect(await read("production.group.desk")).toEqual(["help me"]);
  expect(server.complaints.filter((line) => line.includes("out of ideas"))).toHaveLength(1);
});

describe.each(DIALECTS)("over $name", (dialect) => {
  test("the same is told to whoever sends, and others hear what became of it", async () => {
    const server = await startWithRules();
    const client = await connectSdk(server, { dialect });
    const { centrifuge, pack, unpack } = client;
    const heard = await subscribeSdk(client, "production.group.*");
    const send = async (text: string): Promise<SentMessage> => {
      const { data } = await centrifuge.rpc("message.send", pack({ channel: LOBBY, text }));
      return unpack(data) as SentMessage;
    };
    await expect(send("spam")).rejects.toMatchObject({
      code: 422,
      message: "no advertisements, please",
    });
    await expect(send("crash")).rejects.toMatchObject({ code: 520 });
    expect(await send("darn")).toMatchObject({ channel: LOBBY });
    expect(await send("help")).toMatchObject({ channel: "production.group.desk" });
    await expect(centrifuge.publish(LOBBY, pack({ text: "spam" }))).rejects.toMatchObject({
      code: 422,
    });
    const publications = await heard.publications.atLeast(2);
    expect(publications.map(({ data, tags }) => [unpack(data), tags?.["channel"]])).toEqual([
      [{ text: "****" }, LOBBY],
      [{ text: "help" }, "production.group.desk"],
    ]);
    const typing = pack({ channel: LOBBY, kind: "typing" });
    await expect(centrifuge.rpc("signal.send", typing)).rejects.toMatchObject({
      code: 422,
      message: "nobody types here",
    });
  });
});
