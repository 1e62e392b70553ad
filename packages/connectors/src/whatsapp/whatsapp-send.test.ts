import { expect, onTestFinished, test } from "vitest";
import type { Connector } from "../contract/connector.ts";
import type { ConnectionContext } from "../contract/context.ts";
import {
  Faults,
  json,
  type NetworkAnswer,
  type NetworkRequest,
  startNetworkServer,
} from "../simulator/index.ts";
import { callNetwork } from "../wire/network-call.ts";
import {
  attachment,
  changeOf,
  contentOf,
  jobFor,
  patienceWith,
  startNetwork,
} from "../wire/network-under-test.fixture.ts";
import { outcomeOf } from "./whatsapp-call.ts";
import { whatsappCloud } from "./whatsapp-cloud.ts";
import { reactOnWhatsapp, showOnWhatsapp } from "./whatsapp-send.ts";
import type { WhatsappSettings } from "./whatsapp-settings.ts";

const PERSON = "+447700900123";
const ANN = `whatsapp:${PERSON}`;
const USER_ID = "US.13491208655302741918";

/** An API that takes everything and remembers it. */
async function startRecorder(answerTo?: (index: number) => NetworkAnswer) {
  const asked: NetworkRequest[] = [];
  const server = await startNetworkServer(
    (request) => {
      asked.push(request);
      const index = asked.length - 1;
      return (
        answerTo?.(index) ?? json({ messages: [{ id: `wamid.${index}` }], id: `media-${index}` })
      );
    },
    new Faults(),
    { isSend: () => false, rateLimited: () => json({}, 429), serverError: () => json({}, 500) },
  );
  onTestFinished(() => server.close());
  const settings = whatsappCloud.configSchema.parse({
    phoneNumberId: "106540352242922",
    baseUrl: server.url,
  });
  const context: ConnectionContext<WhatsappSettings> = {
    id: "wa",
    platform: "production",
    settings,
    secrets: { accessToken: ["EAAtoken"], appSecret: ["app"], verifyToken: ["word"] },
    webhookUrl: "https://example.org/v1/webhooks/wa",
    now: Date.now,
  };
  const bodies = () =>
    asked
      .filter(({ path }) => path.endsWith("/messages"))
      .map(({ body }) => JSON.parse(body.toString()));
  return { context, asked, bodies };
}

/** A conversation that the person has begun. */
async function startTalk() {
  const network = await startNetwork(whatsappCloud as Connector<WhatsappSettings>);
  await network.simulator.handset.write(PERSON, { text: "hello" });
  return network;
}

test("a number goes in `to` and a user id in `recipient`, never the other way", async () => {
  const { context, asked, bodies } = await startRecorder();
  const job = jobFor(ANN, "hi");
  await whatsappCloud.send(job, context);
  await whatsappCloud.send(jobFor(`whatsapp:${USER_ID}`, "hi"), context);
  await whatsappCloud.send(jobFor("whatsapp:US.ENT.11815799212886844830", "hi"), context);
  expect(bodies()).toEqual([
    {
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: PERSON,
      type: "text",
      text: { body: "hi", preview_url: true },
      biz_opaque_callback_data: job.deliveryId,
    },
    expect.objectContaining({ recipient: USER_ID }),
    expect.objectContaining({ recipient: "US.ENT.11815799212886844830" }),
  ]);
  expect(bodies()[1]).not.toHaveProperty("to");
  expect(asked[0]).toMatchObject({
    path: "/v25.0/106540352242922/messages",
    headers: { authorization: "Bearer EAAtoken", "content-type": "application/json" },
  });
});

test("what is neither number nor user id is rejected before Meta is asked", async () => {
  const { context, asked } = await startRecorder();
  for (const to of ["whatsapp:123456789012345@lid", "phone:+447700900123", "whatsapp:bob"]) {
    expect(await whatsappCloud.send(jobFor(to, "hi"), context)).toMatchObject({
      outcome: "rejected",
      class: "invalid_recipient",
    });
  }
  expect(asked).toEqual([]);
});

test("the simulator drops a user id in `to`, and says that it was taken, as Meta does", async () => {
  const { simulator, context } = await startTalk();
  const { baseUrl, apiVersion, phoneNumberId } = context.settings;
  const result = await callNetwork({
    url: `${baseUrl}/${apiVersion}/${phoneNumberId}/messages`,
    method: "POST",
    headers: { authorization: `Bearer ${context.secrets["accessToken"]?.[0]}` },
    body: JSON.stringify({
      messaging_product: "whatsapp",
      to: USER_ID,
      type: "text",
      text: { body: "lost" },
    }),
    signal: AbortSignal.timeout(15_000),
  });
  expect(outcomeOf(result)).toMatchObject({ outcome: "accepted" });
  expect(simulator.accepted).toBe(0);
});

test("a template carries its language and its variables", async () => {
  const { context, bodies } = await startRecorder();
  const template = {
    type: "template" as const,
    name: "reminder",
    language: "en_GB",
    variables: ["Ann", "7 pm"],
  };
  await whatsappCloud.send(jobFor(ANN, "", { content: contentOf("", { template }) }), context);
  const bare = { ...template, variables: [] };
  await whatsappCloud.send(
    jobFor(ANN, "", { content: contentOf("", { template: bare }) }),
    context,
  );
  const parameters = ["Ann", "7 pm"].map((text) => ({ type: "text", text }));
  expect(bodies().map(({ template: sent }) => sent)).toEqual([
    { name: "reminder", language: { code: "en_GB" }, components: [{ type: "body", parameters }] },
    { name: "reminder", language: { code: "en_GB" } },
  ]);
});

test("bytes are given to Meta first and go by their id; what is elsewhere goes by its link", async () => {
  const { context, asked, bodies } = await startRecorder();
  const own = attachment("paper.pdf", "application/pdf", Buffer.from("%PDF"));
  const url = "https://elsewhere.example/cat.jpg";
  const foreign = { part: { type: "image" as const, url }, source: undefined };
  await whatsappCloud.send(
    jobFor(ANN, "", { content: contentOf("look", { media: [...own, foreign] }) }),
    context,
  );
  expect(asked[0]?.path).toBe("/v25.0/106540352242922/media");
  expect(asked[0]?.body.toString()).toContain("%PDF");
  expect(bodies()).toEqual([
    expect.objectContaining({
      type: "document",
      document: { id: "media-0", caption: "look", filename: "paper.pdf" },
    }),
    expect.objectContaining({ type: "image", image: { link: url } }),
  ]);
});

test("a text that no caption holds goes before the media; only the last part carries the delivery's id", async () => {
  const { context, bodies } = await startRecorder();
  const media = attachment("note.mp3", "audio/mpeg", Buffer.from("ID3"));
  const job = jobFor(ANN, "", { content: contentOf("listen", { media }), replyTo: "wamid.first" });
  const result = await whatsappCloud.send(job, context);
  expect(result).toMatchObject({ outcome: "accepted", externalIds: ["wamid.1", "wamid.2"] });
  const [text, audio] = bodies();
  expect(text).toMatchObject({ type: "text", context: { message_id: "wamid.first" } });
  expect(text).not.toHaveProperty("biz_opaque_callback_data");
  expect(audio).toMatchObject({
    audio: { id: "media-0" },
    biz_opaque_callback_data: job.deliveryId,
  });
  expect(audio).not.toHaveProperty("context");
});

test("when a part was taken and the next was not, all of it is unknown: sending it again would repeat the first", async () => {
  const refusal = json({ error: { code: 131009, message: "no" } }, 400);
  const { context } = await startRecorder((index) =>
    index === 2 ? refusal : json({ messages: [{ id: "wamid.0" }], id: "m" }),
  );
  const media = attachment("note.mp3", "audio/mpeg", Buffer.from("ID3"));
  const result = await whatsappCloud.send(
    jobFor(ANN, "", { content: contentOf("listen", { media }) }),
    context,
  );
  expect(result).toMatchObject({
    outcome: "unknown",
    reason: expect.stringContaining("1 of 2 parts"),
  });
});

test.each([
  [() => json({ error: { code: 1 } }, 500), "network"],
  [() => json({ error: { code: 131053 } }, 400), "content_rejected"],
])("when media can't be given to Meta, nothing has gone out", async (answerTo, errorClass) => {
  const { context, bodies } = await startRecorder(answerTo);
  const media = attachment("cat.png", "image/png", Buffer.from("png"));
  const result = await whatsappCloud.send(
    jobFor(ANN, "", { content: contentOf("x", { media }) }),
    context,
  );
  expect(result).toMatchObject({ outcome: "rejected", class: errorClass });
  expect(bodies()).toEqual([]);
});

test("outside of the window a text to a number fails later, and a template arrives", async () => {
  const { context, events } = await startNetwork(whatsappCloud as Connector<WhatsappSettings>);
  await whatsappCloud.send(jobFor(ANN, "hi"), context);
  expect(await events()).toContainEqual(
    expect.objectContaining({
      error: expect.objectContaining({ class: "window_closed", code: "131047" }),
    }),
  );
  const template = { type: "template" as const, name: "hello", language: "en", variables: [] };
  await whatsappCloud.send(jobFor(ANN, "", { content: contentOf("", { template }) }), context);
  expect(await events()).toContainEqual(expect.objectContaining({ status: "delivered" }));
});

test("a 429 is rejected with the time that Meta asks for, and with one of ours where it asks for none", async () => {
  const { simulator, context } = await startTalk();
  simulator.inject({ kind: "rate_limit", retryAfterMs: 3000, times: 1 });
  const rejected = { outcome: "rejected", class: "rate_limited" };
  expect(await whatsappCloud.send(jobFor(ANN, "hi"), context)).toMatchObject({
    ...rejected,
    retryAfterMs: 3000,
  });
  const pair = await startRecorder(() => json({ error: { code: 131056 } }, 400));
  const result = await whatsappCloud.send(jobFor(ANN, "hi"), pair.context);
  expect(result).toMatchObject({ ...rejected, code: "131056", retryAfterMs: 6000 });
});

test.each(["server_error", "html", "accept_then_close"] as const)(
  "after %s nobody knows whether it was taken, and it is not sent again",
  async (kind) => {
    const { simulator, context } = await startTalk();
    simulator.inject({ kind, times: 1 });
    expect(await whatsappCloud.send(jobFor(ANN, "hi"), context)).toMatchObject({
      outcome: "unknown",
    });
    expect(simulator.accepted).toBe(kind === "accept_then_close" ? 1 : 0);
  },
);

test("an answer that does not come in time leaves it unknown, and the status tells the truth", async () => {
  const { simulator, context, events } = await startTalk();
  const fault = { kind: "accept_then_hang", times: 1 } as const;
  simulator.inject(fault);
  const job = jobFor(ANN, "hi", { signal: patienceWith(fault, simulator) });
  expect(await whatsappCloud.send(job, context)).toMatchObject({ outcome: "unknown" });
  const delivered = { status: "delivered", deliveryId: job.deliveryId };
  expect(await events()).toContainEqual(expect.objectContaining(delivered));
});

test("a message that fails later has the reason", async () => {
  const { simulator, context, events } = await startTalk();
  simulator.inject({ kind: "fail_later", times: 1 });
  await whatsappCloud.send(jobFor(ANN, "hi"), context);
  expect(await events()).toContainEqual(
    expect.objectContaining({
      status: "failed",
      error: expect.objectContaining({ code: "131026" }),
    }),
  );
});

test("a Meta that can't be reached has taken nothing", async () => {
  const { simulator, context } = await startTalk();
  await simulator.close();
  expect(await whatsappCloud.send(jobFor(ANN, "hi"), context)).toMatchObject({
    outcome: "rejected",
    class: "network",
  });
});

test.each([
  [401, 190, "auth"],
  [400, 131042, "payment"],
  [400, 132001, "content_rejected"],
  [400, 131049, "spam_blocked"],
  [400, 131026, "unreachable"],
  [503, 131016, "network"],
  [403, 424_242, "auth"],
  [418, 424_242, "unknown"],
])("an answer %i with code %i is rejected as %s", (status, code, errorClass) => {
  const text = JSON.stringify({ error: { code, message: "secret" } });
  const result = outcomeOf({ kind: "answered", status, text, headers: new Headers() });
  expect(result).toMatchObject({ outcome: "rejected", class: errorClass, code: String(code) });
  expect(JSON.stringify(result)).not.toContain("secret");
});

test.each([
  [200, "{}"],
  [200, '{"messages":[{"id":""}]}'],
  [500, '{"error":{"code":131000}}'],
  [502, ""],
  [408, ""],
  [302, ""],
])("an answer %i %s proves nothing", (status, text) => {
  const result = outcomeOf({ kind: "answered", status, text, headers: new Headers() });
  expect(result).toMatchObject({ outcome: "unknown" });
});

test("a mark is put on the person's message and taken off, and a second one takes its place", async () => {
  const { simulator, context, events } = await startTalk();
  const [said] = await events();
  const job = changeOf(jobFor(ANN, ""), [said?.type === "message" ? said.externalId : ""]);
  for (const [emoji, action, left] of [
    ["👍", "add", "👍"],
    ["❤️", "add", "❤️"],
    ["❤️", "remove", undefined],
  ] as const) {
    await reactOnWhatsapp({ ...job, emoji, action }, context);
    expect(simulator.handset.messages(PERSON)[0]?.reaction).toBe(left);
  }
});

test("what is read here is read there, and that somebody writes is shown with it", async () => {
  const { simulator, context, events } = await startTalk();
  const [said] = await events();
  const messageId = said?.type === "message" ? said.externalId : "";
  const signal = AbortSignal.timeout(15_000);
  await showOnWhatsapp({ messageId, isTyping: false, signal }, context);
  expect(simulator.handset.messages(PERSON)[0]?.status).toBe("read");
  const { context: recorded, bodies } = await startRecorder();
  await showOnWhatsapp({ messageId, isTyping: true, signal }, recorded);
  expect(bodies()).toEqual([
    {
      messaging_product: "whatsapp",
      status: "read",
      message_id: messageId,
      typing_indicator: { type: "text" },
    },
  ]);
});
