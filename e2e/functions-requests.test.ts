import { expect, test } from "vitest";
import { functionsDirectory } from "./support/functions-directory.ts";
import { connectSdk, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const TICKETS = `
import { onRequest } from "@anywire/functions";

export default onRequest("POST /tickets/:id", async (event, { publish }) => {
  const { text } = await event.json();
  const channel = "production.group.ticket-" + event.params.id;
  await publish(channel, text, { sender: "account:" + event.accountId });
  return event.respond({ channel }, { status: 201, headers: { "x-by": event.accountId } });
});
`;
const WEBHOOK = `
import { onRequest } from "@anywire/functions";

export default onRequest("/webhooks/*", (event) => new Response(event.method + " " + event.params["*"]), {
  auth: "none",
});
`;

test("a function answers requests: in the name of a token's account, or of anybody where it asks for none", async () => {
  const functions = await functionsDirectory({ "tickets.ts": TICKETS, "webhook.ts": WEBHOOK });
  const server = await startTestServer({
    functions: { source: "directory", directory: functions.path },
  });
  const heard = await subscribeSdk(await connectSdk(server), "production.group.ticket-7");
  const request = async (method: string, path: string, token?: string) =>
    fetch(`${server.url}/functions${path}`, {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(method === "POST" && { body: JSON.stringify({ text: "it is broken" }) }),
    });
  const made = await request("POST", "/tickets/7", await server.token("june"));
  expect([made.status, made.headers.get("x-by")]).toEqual([201, "june"]);
  expect(await made.json()).toEqual({ channel: "production.group.ticket-7" });
  const [publication] = await heard.publications.atLeast(1);
  expect(publication).toMatchObject({ data: { text: "it is broken" }, info: { user: "june" } });

  const anybody = await request("POST", "/tickets/7");
  expect([anybody.status, (await anybody.json()).code]).toEqual([401, "unauthenticated"]);
  const wrong = await request("GET", "/tickets/7", await server.token("june"));
  expect([wrong.status, (await wrong.json()).code]).toEqual([405, "method_not_found"]);
  const hook = await request("DELETE", "/webhooks/a/b");
  expect([hook.status, await hook.text()]).toEqual([200, "DELETE a/b"]);
  const nothing = await request("GET", "/nothing");
  expect([nothing.status, (await nothing.json()).code]).toEqual([404, "not_found"]);
});
