import { createHmac } from "node:crypto";
import { cp } from "node:fs/promises";
import type { PublicationContext } from "centrifuge";
import { expect, test, vi } from "vitest";
import { functionsDirectory } from "./support/functions-directory.ts";
import { callHttp, type HttpAnswer, operatorToken, say } from "./support/http-call.ts";
import { Inbox } from "./support/inbox.ts";
import { connectSdk, subscribeSdk } from "./support/sdk-client.ts";
import { type StandIn, type StandInRequest, startStandIn } from "./support/stand-in.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const EXAMPLES = new URL("../examples/functions", import.meta.url).pathname;
const CUSTOMER = "phone:+447700900123";
const PATIENCE = 15_000;

/** Has somebody outside say something, in the place of a network. */
const NETWORK = `
import { onRequest } from "@anywire/functions";

export default onRequest("POST /network", async (event, { publish }) => {
  const { channel, sender, text } = await event.json();
  return event.respond(await publish(channel, text, { sender }), { status: 201 });
});
`;

/** A server that runs the examples, and what they reach of the world. */
interface Examples {
  readonly server: TestServer;
  readonly world: StandIn;
  call(account: string, method: string, path: string, json?: unknown): Promise<HttpAnswer>;
  /** What was said on a channel: who, and what. */
  said(channel: string): Promise<string[]>;
}

async function startExamples(): Promise<Examples> {
  const functions = await functionsDirectory({ "network.ts": NETWORK });
  await cp(EXAMPLES, functions.path, { recursive: true });
  const world = await startStandIn(createWorld());
  const server = await startTestServer({
    functions: {
      source: "directory",
      directory: functions.path,
      allowedAddresses: ["127.0.0.1"],
      secrets: {
        WEBHOOK_URL: `${world.url}/hook`,
        WEBHOOK_KEY: "between us",
        TRANSLATE_URL: world.url,
      },
    },
  });
  const call: Examples["call"] = async (account, ...request) =>
    await callHttp(server, await server.token(account), ...request);
  const said = async (channel: string): Promise<string[]> => {
    const { body } = await call("bob", "GET", `/v1/channels/${channel}/entries`);
    return body.entries.map(
      ({ sender, data }: { sender: string; data: { text: string } }) => `${sender}: ${data.text}`,
    );
  };
  return { server, world, call, said };
}

/** A webhook that is not there the first time, and a translator of one sentence. */
function createWorld() {
  let posts = 0;
  return ({ path, body }: StandInRequest) => {
    if (path === "/hook") {
      posts += 1;
      return posts === 1 ? 503 : 204;
    }
    const { q } = JSON.parse(body);
    return q === "Guten Morgen"
      ? { translatedText: "Good morning", detectedLanguage: { language: "de" } }
      : { translatedText: q, detectedLanguage: { language: "en" } };
  };
}

async function runsOf(server: TestServer, name: string): Promise<number> {
  const { body } = await callHttp(server, await operatorToken(server), "GET", "/v1/functions");
  const status = body.functions.find((one: { name: string }) => one.name === name);
  return status.stats.runs;
}

test("profanity-filter and change-setting: rude words are masked, and an admin says which", async () => {
  const { server, call, said } = await startExamples();
  await say(server, "production.group.lobby", "Damn you");
  const words = ["you"];
  const change = (account: string) => call(account, "PUT", "/functions/settings/rude-words", words);
  expect((await change("bob")).status).toBe(403);
  expect((await change("admin")).status).toBe(200);
  await say(server, "production.group.lobby", "Damn you");
  expect(await said("production.group.lobby")).toEqual([
    "account:bob: **** you",
    "account:bob: Damn ***",
  ]);
});

test("sms-length-guard: what is too long is refused, other texts carry how many SMS they are", async () => {
  const { server, call } = await startExamples();
  const send = (text: string) =>
    call("bob", "POST", "/v1/channels/production.sms.7/messages", { text });
  expect(await send("x".repeat(613))).toMatchObject({
    status: 422,
    body: { code: "function_aborted", detail: "this text is 5 SMS long, and may be 4" },
  });
  const { id } = await say(server, "production.sms.7", "x".repeat(612));
  const { body } = await call("bob", "GET", "/v1/channels/production.sms.7/entries");
  expect(body.entries).toMatchObject([{ id, data: { meta: { segments: 4 } } }]);
});

test("route-by-keyword: a text that begins with a keyword is said in a group of the team", async () => {
  const { server, said } = await startExamples();
  const { publications } = await subscribeSdk(await connectSdk(server), "production.group.support");
  const sent = await say(server, "production.sms.7", "Help! It is broken");
  expect(sent.channel).toBe("production.group.support");
  const [publication] = await publications.atLeast(1);
  expect(publication?.data).toEqual({
    text: "Help! It is broken",
    meta: { cameFrom: "production.sms.7" },
  });
  expect(await said("production.sms.7")).toEqual([]);
});

test("forward-to-webhook: a text is posted with a signature, again when the webhook fails", async () => {
  const { server, world } = await startExamples();
  const { id, at } = await say(server, "production.sms.7", "hello");
  const [first, second] = await world.requests.atLeast(2);
  expect(second?.body).toBe(first?.body);
  expect(JSON.parse(second?.body ?? "")).toMatchObject({
    ...{ id, at, channel: "production.sms.7", sender: "account:bob" },
    message: { text: "hello" },
  });
  const hmac = createHmac("sha256", "between us").update(second?.body ?? "");
  expect(second?.headers).toMatchObject({
    "x-event-id": id,
    "x-signature": `sha256=${hmac.digest("hex")}`,
  });
});

test("auto-reply: a customer who writes at night is answered, once", async () => {
  const { server, call, said } = await startExamples();
  const { publications } = await subscribeSdk(await connectSdk(server), "production.sms.7");
  const opensAt = (new Date().getUTCHours() + 12) % 24;
  const hours = { from: opensAt, to: opensAt, timeZone: "UTC" };
  await call("admin", "PUT", "/functions/settings/office-hours", hours);
  const write = async (text: string) => {
    const message = { channel: "production.sms.7", sender: CUSTOMER, text };
    expect((await call("bob", "POST", "/functions/network", message)).status).toBe(201);
  };
  const reply = `Thank you. We are back at ${opensAt}:00 and will answer then.`;
  await write("Are you there?");
  await publications.find(({ data }) => data.text === reply);
  await write("Hello?");
  // What the customer wrote, and the reply itself.
  await vi.waitFor(async () => expect(await runsOf(server, "auto-reply")).toBe(3), PATIENCE);
  expect(await said("production.sms.7")).toEqual([
    `${CUSTOMER}: Are you there?`,
    `function:auto-reply: ${reply}`,
    `${CUSTOMER}: Hello?`,
  ]);
});

test("count-messages and daily-digest: the team reads how much was said", async () => {
  const { server, said } = await startExamples();
  await say(server, "production.group.lobby", "one");
  await say(server, "production.sms.7", "two");
  const { at } = await say(server, "production.sms.8", "three");
  const ops = await operatorToken(server);
  const digest = async (effects: "discard" | "live") => {
    const request = { event: { scheduledAt: at + 24 * 3_600_000 }, effects };
    return (await callHttp(server, ops, "POST", "/v1/functions/daily-digest/run", request)).body;
  };
  const text = "Messages yesterday: 3 (1 group, 2 sms)";
  await vi.waitFor(async () => {
    const { effects } = await digest("discard");
    expect(effects).toMatchObject([{ method: "publish", args: ["production.group.team", text] }]);
  }, PATIENCE);
  expect(await said("production.group.team")).toEqual([]);
  expect(await digest("live")).toMatchObject({ result: { type: "ok" } });
  expect(await said("production.group.team")).toEqual([`function:daily-digest: ${text}`]);
});

test("open-ticket: a request opens a channel of the customer and the support", async () => {
  const { server, call, said } = await startExamples();
  await call("support", "POST", "/v1/accounts", { id: "support" });
  const support = await connectSdk(server, { account: "support" });
  const told = new Inbox<PublicationContext>("notifications of the support");
  support.centrifuge.on("publication", (publication) => told.push(publication));
  const ticket = { subject: "Lost parcel", text: "Where is it, damn?" };
  const { status, body } = await call("june", "POST", "/functions/tickets", ticket);
  expect([status, body]).toEqual([201, { channel: expect.stringMatching(/^production\.group\./) }]);
  await told.find(({ data }) => data.event === "channel.opened" && data.channel === body.channel);
  const seen = await call("support", "GET", `/v1/channels/${body.channel}`);
  expect(seen.body).toMatchObject({
    title: "Lost parcel",
    participants: ["account:june", "account:support"],
  });
  const isMasked = "account:june: Where is it, ****?";
  expect((await said(body.channel)).filter((line) => line === isMasked)).toHaveLength(1);
});

test("translate: what is said in another language is followed by its translation, which is not translated again", async () => {
  const { server, world } = await startExamples();
  const { publications } = await subscribeSdk(await connectSdk(server), "production.group.desk");
  const { id } = await say(server, "production.group.desk", "Guten Morgen");
  const translation = await publications.find(({ data }) => data.text === "Good morning");
  expect(translation).toMatchObject({
    data: { replyTo: id, meta: { translatedFrom: "de" } },
    info: { user: "function:translate" },
  });
  await say(server, "production.group.desk", "Hello");
  const asked = ({ body }: StandInRequest): string => JSON.parse(body).q;
  await world.requests.find((request) => asked(request) === "Hello");
  expect(world.requests.items.map(asked)).toEqual(["Guten Morgen", "Hello"]);
});
