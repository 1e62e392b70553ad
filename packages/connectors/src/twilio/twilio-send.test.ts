import { expect, test, vi } from "vitest";
import {
  attachment,
  contentOf,
  jobFor,
  patienceWith,
  startNetwork,
} from "../wire/network-under-test.fixture.ts";
import { outcomeOf } from "./twilio-send.ts";
import { twilioSms } from "./twilio-sms.ts";

const ANN = "phone:+447700900123";

test("a message arrives, with what Twilio says of it", async () => {
  const { simulator, context, events } = await startNetwork(twilioSms);
  const job = jobFor(ANN, "a".repeat(161));
  const result = await twilioSms.send(job, context);
  expect(result).toEqual({
    outcome: "accepted",
    externalIds: [expect.stringMatching(/^SM[0-9a-f]{32}$/)],
    from: "+15005550006",
    segments: 2,
  });
  const receipts = await events();
  expect(receipts.map((event) => event.type === "receipt" && event.status)).toEqual([
    "sent",
    "delivered",
  ]);
  expect(receipts).toEqual([
    expect.objectContaining({ deliveryId: job.deliveryId }),
    expect.objectContaining({ deliveryId: job.deliveryId }),
  ]);
  expect(simulator.handset.messages("+447700900123")).toHaveLength(1);
});

test("the callback of a webhook URL that has a query keeps it", async () => {
  const { context, events, requests } = await startNetwork(twilioSms);
  const webhookUrl = `${context.webhookUrl}?tenant=7`;
  const job = jobFor(ANN, "hi");
  await twilioSms.send(job, { ...context, webhookUrl });
  await events();
  expect(requests[0]?.url).toBe(`${webhookUrl}&delivery=${job.deliveryId}`);
  const verdicts = await Promise.all(requests.map((request) => twilioSms.verify(request, context)));
  expect(verdicts).toEqual(verdicts.map(() => ({ isGenuine: true })));
});

test.each([
  ["+15005550001", "invalid_recipient", "21211"],
  ["+15005550002", "unreachable", "21612"],
  ["+15005550003", "unreachable", "21408"],
  ["+15005550009", "invalid_recipient", "21614"],
])("Twilio's test number %s is rejected as %s", async (number, errorClass, code) => {
  const { context } = await startNetwork(twilioSms);
  expect(await twilioSms.send(jobFor(`phone:${number}`, "hi"), context)).toMatchObject({
    outcome: "rejected",
    class: errorClass,
    code,
  });
});

test("whoever has answered STOP gets nothing more, until they answer START", async () => {
  const { simulator, context } = await startNetwork(twilioSms);
  await simulator.handset.write("+447700900123", { text: "STOP" });
  const refused = await twilioSms.send(jobFor(ANN, "hi"), context);
  expect(refused).toMatchObject({ class: "opted_out", code: "21610", suppressAddress: true });
  await simulator.handset.write("+447700900123", { text: "start" });
  expect(await twilioSms.send(jobFor(ANN, "hi"), context)).toMatchObject({ outcome: "accepted" });
});

test.each([
  ["a sender that is not the account's", { from: "+15005550007" }, "auth", "21606"],
  ["a sender whose queue is full", { from: "+15005550008" }, "rate_limited", "21611"],
  ["another account", { accountSid: `AC${"0".repeat(32)}` }, "auth", "20003"],
])("%s is rejected", async (_name, settings, errorClass, code) => {
  const { context } = await startNetwork(twilioSms, settings);
  const result = await twilioSms.send(jobFor(ANN, "hi"), context);
  expect(result).toMatchObject({ outcome: "rejected", class: errorClass, code });
});

test("an error's reason tells neither secret nor setting", async () => {
  const { context } = await startNetwork(twilioSms, { from: "+15005550007" });
  const result = JSON.stringify(await twilioSms.send(jobFor(ANN, "hi"), context));
  for (const secret of [
    context.settings.accountSid,
    "+15005550007",
    ...(context.secrets["authToken"] ?? []),
  ]) {
    expect(result).not.toContain(secret);
  }
});

test("a Messaging Service chooses the sender, and tells it by a receipt", async () => {
  const { context, events } = await startNetwork(twilioSms, {
    messagingServiceSid: `MG${"a".repeat(32)}`,
  });
  const settings = { ...context.settings, from: undefined };
  const result = await twilioSms.send(jobFor(ANN, "hi"), { ...context, settings });
  expect(result).toMatchObject({ outcome: "accepted" });
  expect(result).not.toHaveProperty("from");
  expect(await events()).toContainEqual(
    expect.objectContaining({ status: "delivered", from: "+15005550006" }),
  );
});

test("media go by their URLs, as MMS", async () => {
  const { simulator, context } = await startNetwork(twilioSms);
  const media = attachment("cat.png", "image/png", new Uint8Array(4));
  const content = contentOf("look", { media });
  const result = await twilioSms.send(jobFor(ANN, "", { content }), context);
  expect(result).toMatchObject({ externalIds: [expect.stringMatching(/^MM/)], segments: 1 });
  expect(simulator.handset.messages("+447700900123")[0]).toMatchObject({
    text: "look",
    media: [{ name: "cat.png", mimeType: "image/png", url: "https://files.example.org/cat.png" }],
  });
});

test("media that can't be fetched fail the message later", async () => {
  const { simulator, context, events } = await startNetwork(twilioSms);
  const gone = {
    part: { type: "image" as const, url: `${context.settings.baseUrl}/none.png` },
    source: undefined,
  };
  const content = contentOf("look", { media: [gone] });
  await twilioSms.send(jobFor(ANN, "", { content }), context);
  expect(await events()).toContainEqual(
    expect.objectContaining({
      status: "failed",
      error: expect.objectContaining({ class: "content_rejected" }),
    }),
  );
  expect(simulator.handset.messages("+447700900123")[0]).toMatchObject({ status: "failed" });
});

test("a 429 is rejected with the time that Twilio asks for", async () => {
  const { simulator, context } = await startNetwork(twilioSms);
  simulator.inject({ kind: "rate_limit", retryAfterMs: 3000, times: 1 });
  expect(await twilioSms.send(jobFor(ANN, "hi"), context)).toMatchObject({
    class: "rate_limited",
    code: "20429",
    retryAfterMs: 3000,
  });
  expect(simulator.accepted).toBe(0);
});

test.each(["server_error", "html", "accept_then_close"] as const)(
  "after %s nobody knows whether it was taken, and it is not sent again",
  async (kind) => {
    const { simulator, context } = await startNetwork(twilioSms);
    simulator.inject({ kind, times: 1 });
    expect(await twilioSms.send(jobFor(ANN, "hi"), context)).toMatchObject({ outcome: "unknown" });
    expect(simulator.accepted).toBe(kind === "accept_then_close" ? 1 : 0);
  },
);

test("an answer that does not come in time leaves it unknown, and the receipt tells the truth", async () => {
  const { simulator, context, events } = await startNetwork(twilioSms);
  const fault = { kind: "accept_then_hang", times: 1 } as const;
  simulator.inject(fault);
  const job = jobFor(ANN, "hi", { signal: patienceWith(fault, simulator) });
  expect(await twilioSms.send(job, context)).toMatchObject({ outcome: "unknown" });
  const delivered = { status: "delivered", deliveryId: job.deliveryId };
  expect(await events()).toContainEqual(expect.objectContaining(delivered));
});

test("a Twilio that can't be reached has taken nothing", async () => {
  const { simulator, context } = await startNetwork(twilioSms);
  await simulator.close();
  expect(await twilioSms.send(jobFor(ANN, "hi"), context)).toMatchObject({
    outcome: "rejected",
    class: "network",
  });
});

test.each([
  [503, '{"code":20503,"status":503}', { outcome: "rejected", class: "network" }],
  [503, "<h1>Service unavailable", { outcome: "unknown" }],
  [502, "", { outcome: "unknown" }],
  [504, '{"code":20504}', { outcome: "unknown" }],
  [408, "", { outcome: "unknown" }],
  [307, "", { outcome: "unknown" }],
  [200, '{"sid":"SM1"}', { outcome: "unknown" }],
  [201, '{"sid":"SM', { outcome: "unknown" }],
  [403, "<h1>Forbidden", { outcome: "rejected", class: "auth", code: "403" }],
  [400, '{"code":99999}', { outcome: "rejected", class: "unknown", code: "99999" }],
])("an answer %i %s is judged by whether it is certain", (status, text, expected) => {
  const answered = { kind: "answered", status, text, headers: new Headers() } as const;
  expect(outcomeOf(answered, "")).toMatchObject(expected);
});

test("a price is told in what the account pays", () => {
  const sid = `SM${"a".repeat(32)}`;
  const text = JSON.stringify({
    sid,
    price: "-0.0079",
    price_unit: "usd",
    num_segments: "1",
    from: null,
  });
  const answered = { kind: "answered", status: 201, text, headers: new Headers() } as const;
  expect(outcomeOf(answered, "")).toEqual({
    outcome: "accepted",
    externalIds: [sid],
    segments: 1,
    price: { amount: 0.0079, currency: "USD" },
  });
});

test("an API key sends in the place of the auth token", async () => {
  const { context } = await startNetwork(twilioSms, { apiKeySid: `SK${"b".repeat(32)}` });
  const fetched = vi.spyOn(globalThis, "fetch");
  await twilioSms.send(jobFor(ANN, "hi"), {
    ...context,
    secrets: { ...context.secrets, apiKeySecret: ["key"] },
  });
  const [, init] = fetched.mock.calls[0] ?? [];
  fetched.mockRestore();
  const expected = Buffer.from(`SK${"b".repeat(32)}:key`).toString("base64");
  expect(new Headers(init?.headers).get("authorization")).toBe(`Basic ${expected}`);
});
