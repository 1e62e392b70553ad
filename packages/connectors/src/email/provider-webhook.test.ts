import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import type { WebhookRequest } from "../contract/webhook.ts";
import { email } from "./email-connector.ts";
import { contextOf, NOW } from "./email-setup.fixture.ts";

const KEY = "key-3ax6xnjp29jd6fds4gc373sgvjxteol0";
const CONTEXT = contextOf(
  { inbound: { kind: "webhook", provider: "mailgun" } },
  { webhookKey: ["key-new", KEY], replyKey: "key" },
);

function signed(at = NOW, key = KEY): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const token = "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0";
  const signature = createHmac("sha256", key)
    .update(timestamp + token)
    .digest("hex");
  return { timestamp, token, signature };
}

/** As a form of one kind or the other. */
function post(
  fields: Readonly<Record<string, string>>,
  files: readonly (readonly [string, string, string])[] = [],
  isMultipart = files.length > 0,
): WebhookRequest {
  const url = "https://chat.test/v1/webhooks/mail-main";
  if (!isMultipart) {
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    const body = new Uint8Array(Buffer.from(new URLSearchParams(fields).toString()));
    return { method: "POST", url, headers, body };
  }
  const lines = Object.entries(fields).flatMap(([name, value]) => [
    "--b:1",
    `Content-Disposition: form-data; name="${name}"`,
    "",
    value,
  ]);
  for (const [name, type, content] of files) {
    lines.push(
      "--b:1",
      `Content-Disposition: form-data; name="attachment-1"; filename="${name}"`,
      `Content-Type: ${type}`,
      "",
      content,
    );
  }
  const headers = { "content-type": 'multipart/form-data; boundary="b:1"' };
  const body = Buffer.from([...lines, "--b:1--", ""].join("\r\n"), "utf8");
  return { method: "POST", url, headers, body: new Uint8Array(body) };
}

const PARTS = {
  recipient: "help@shop.test",
  sender: "bounces@example.org",
  from: "Zoë <zoe@example.org>",
  "body-plain": "Grüße\r\n\r\nOn Monday, Shop wrote:\r\n> Hello",
  "stripped-text": "Grüße",
  "message-headers": JSON.stringify([
    ["From", "Zoë <zoe@example.org>"],
    ["Subject", "Re: Tea"],
    ["Message-Id", "<m@example.org>"],
    ["In-Reply-To", "<a@shop.test>"],
    ["Date", "Mon, 04 May 2026 11:00:00 +0000"],
    ["Content-Type", 'multipart/alternative; boundary="gone"'],
  ]),
};

test("Mailgun's signature is looked at in forms of both kinds, with each key that holds", async () => {
  for (const isMultipart of [false, true]) {
    const genuine = post({ ...PARTS, ...signed() }, [], isMultipart);
    expect(await email.verify(genuine, CONTEXT)).toEqual({ isGenuine: true });
    for (const forged of [
      signed(NOW, "another key"),
      signed(NOW - 301_000),
      signed(NOW + 301_000),
      { ...signed(), token: "other" },
      { ...signed(), timestamp: "NaN" },
      { ...signed(), signature: "" },
      {},
    ]) {
      const verdict = await email.verify(post({ ...PARTS, ...forged }, [], isMultipart), CONTEXT);
      expect(verdict.isGenuine).toBe(false);
    }
  }
});

test("without a key nobody is believed", async () => {
  for (const webhookKey of [[], [""]]) {
    const context = { ...CONTEXT, secrets: { webhookKey } };
    const verdict = await email.verify(post({ ...PARTS, ...signed(NOW, "") }), context);
    expect(verdict.isGenuine).toBe(false);
  }
});

test("a connection that takes no mail by webhook believes no webhook", async () => {
  const verdict = await email.verify(post({ ...PARTS, ...signed() }), contextOf());
  expect(verdict.isGenuine).toBe(false);
});

test("the parts that Mailgun posts are read as the mail that they were", async () => {
  for (const isMultipart of [false, true]) {
    const events = await email.parse(post({ ...PARTS, ...signed() }, [], isMultipart), CONTEXT);
    expect(events).toEqual([
      {
        type: "message",
        at: Date.UTC(2026, 4, 4, 11),
        externalId: "<m@example.org>",
        sender: { addresses: ["email:zoe@example.org"], name: "Zoë" },
        receiver: "help@shop.test",
        text: "Grüße",
        replyTo: "<a@shop.test>",
        references: ["<a@shop.test>"],
        thread: "tea",
        title: "Tea",
        meta: { subject: "Re: Tea" },
      },
    ]);
  }
});

test("files that Mailgun posts come whole", async () => {
  const request = post({ ...PARTS, ...signed() }, [["a;b.txt", "text/plain", "one\r\n--two\r\n"]]);
  const [event] = await email.parse(request, CONTEXT);
  const [file] = event?.type === "message" ? (event.media ?? []) : [];
  expect(file).toMatchObject({ name: "a;b.txt", mimeType: "text/plain" });
  expect(Buffer.from(file?.bytes ?? []).toString()).toBe("one\r\n--two\r\n");
});

test("a mail that Mailgun posts as it was is read as any other", async () => {
  const mime = "From: ann@example.org\r\nSubject: Tea\r\nMessage-ID: <x@y.test>\r\n\r\nHello\r\n";
  const { recipient, sender } = PARTS;
  const request = post({ recipient, sender, "body-mime": mime, ...signed() });
  expect(await email.parse(request, CONTEXT)).toMatchObject([
    { externalId: "<x@y.test>", text: "Hello", receiver: "help@shop.test" },
  ]);
});

test("Postmark's own copy of the mail comes before what it made of it", async () => {
  const context = contextOf({ inbound: { kind: "webhook", provider: "postmark" } });
  const body = {
    FromFull: { Email: "ann@example.org" },
    OriginalRecipient: "help@shop.test",
    TextBody: "made of it",
    RawEmail: "From: ann@example.org\r\nMessage-ID: <x@y.test>\r\n\r\nas it was\r\n",
  };
  const request = {
    method: "POST",
    url: "https://chat.test/v1/webhooks/mail-main",
    headers: { "content-type": "application/json" },
    body: new Uint8Array(Buffer.from(JSON.stringify(body))),
  };
  expect(await email.parse(request, context)).toMatchObject([
    { externalId: "<x@y.test>", text: "as it was", receiver: "help@shop.test" },
  ]);
});
