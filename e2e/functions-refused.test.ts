import type { ChannelInfo } from "@anywire/types";
import { expect, test } from "vitest";
import { functionsDirectory } from "./support/functions-directory.ts";
import { callHttp } from "./support/http-call.ts";
import { startTestServer } from "./support/start-test-server.ts";

/** Counts what it sees; what begins with `to ` goes to the channel that it names. */
const COUNT = `
import { beforePublish } from "@anywire/functions";

export default beforePublish("*.group.*", async (event, { kv }) => {
  await kv.increment("seen");
  const { text } = event.message;
  if (text.startsWith("to ")) return event.reroute(text.slice(3));
});
`;
const SEEN = `
import { onRequest } from "@anywire/functions";

export default onRequest("GET /seen", async (_event, { kv }) => Response.json((await kv.get("seen")) ?? 0));
`;

test("no function runs for what is refused anyway, and what a function sends elsewhere may be refused there", async () => {
  const functions = await functionsDirectory({ "count.ts": COUNT, "seen.ts": SEEN });
  const server = await startTestServer({
    functions: { source: "directory", directory: functions.path },
  });
  const token = await server.token("bob");
  const call = (method: string, path: string, json?: unknown) =>
    callHttp(server, token, method, path, json);
  for (const one of [token, await server.token("june")]) {
    await callHttp(server, one, "GET", "/v1/me/snapshot");
  }
  const open = async (title: string): Promise<string> => {
    const { body } = await call("POST", "/v1/channels", {
      type: "group",
      title,
      participants: ["account:june"],
    });
    expect(body).toMatchObject({ type: "group", title });
    return (body as ChannelInfo).channel;
  };
  const [lobby, closed] = [await open("Lobby"), await open("Closed")];
  await call("PATCH", `/v1/channels/${closed}`, { archived: true });
  const say = async (channel: string, message: object): Promise<string> => {
    const { status, body } = await call("POST", `/v1/channels/${channel}/messages`, message);
    return `${status} ${body.code ?? ""}`;
  };
  expect(await say(lobby, { text: "hello" })).toBe("201 ");
  expect(await say(closed, { text: "hello" })).toBe("409 conflict");
  expect(await say(lobby, { text: "hello", thread: "none" })).toBe("404 not_found");
  expect((await call("GET", "/functions/seen")).body).toBe(1);
  expect(await say(lobby, { text: `to ${closed}` })).toBe("409 conflict");
});
