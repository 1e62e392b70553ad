import type { Fixture } from "../contract/fixture.ts";
import type { InboundEvent } from "../contract/inbound-event.ts";
import { MAIL_METHOD } from "./incoming-mail.ts";

const RECORDED_AT = Date.UTC(2026, 4, 4, 12, 0, 30);
const WRITTEN_AT = Date.UTC(2026, 4, 4, 12);
const DATE = "Date: Mon, 04 May 2026 12:00:00 +0000";

const ANN = { addresses: ["email:ann@example.org"], name: "Ann Müller" };
const FROM_ANN = "From: =?utf-8?q?Ann_M=C3=BCller?= <Ann@Example.org>";
const OURS = "<d1.c1.ckez@shop.test>";

const SETTINGS = {
  from: "help@shop.test",
  smtp: { host: "mail.shop.test" },
  replyAddress: "reply@shop.test",
  bounceAddress: "bounce@shop.test",
};

/** A mail as our own listeners hand it over. */
function mail(
  name: string,
  to: string,
  lines: readonly string[],
  events: readonly InboundEvent[],
  from = "ann@example.org",
): Fixture {
  return {
    name,
    settings: SETTINGS,
    secrets: { replyKey: "a long random text" },
    now: RECORDED_AT,
    request: {
      method: MAIL_METHOD,
      url: "mail:help",
      headers: {
        "content-type": "message/rfc822",
        "x-envelope-from": encodeURIComponent(from),
        "x-envelope-to": encodeURIComponent(to),
      },
      body: lines.join("\r\n"),
    },
    events,
  };
}

const POSTMARK = {
  From: "ann@example.org",
  FromName: "Ann Müller",
  FromFull: { Email: "ann@example.org", Name: "Ann Müller", MailboxHash: "" },
  ToFull: [{ Email: "help@shop.test", Name: "", MailboxHash: "" }],
  CcFull: [],
  OriginalRecipient: "help@shop.test",
  Subject: "Broken cup",
  MessageID: "73e6d360-66eb-11e1-8e72-a8904824019b",
  Date: "Mon, 04 May 2026 12:00:00 +0000",
  TextBody: "The cup came broken, see the picture.",
  HtmlBody: "",
  StrippedTextReply: "",
  Tag: "",
  Headers: [
    { Name: "Received", Value: "by inbound.postmark.test id 1; Mon, 04 May 2026 12:00:00 +0000" },
    { Name: "X-Spam-Tests", Value: "DKIM_SIGNED,DKIM_VALID,DKIM_VALID_AU,SPF_PASS" },
    { Name: "Message-ID", Value: "<cup@example.org>" },
    { Name: "MIME-Version", Value: "1.0" },
  ],
  Attachments: [
    { Name: "cup.png", Content: "iVBORw==", ContentType: "image/png", ContentLength: 4 },
  ],
};

function postmark(name: string, body: string, isGenuine: boolean): Fixture {
  return {
    name,
    settings: { ...SETTINGS, inbound: { kind: "webhook", provider: "postmark" } },
    secrets: { webhookKey: "postmark:correct horse" },
    now: RECORDED_AT,
    request: {
      method: "POST",
      url: "https://chat.example.org/v1/webhooks/help",
      headers: {
        "content-type": "application/json",
        authorization: `Basic ${isGenuine ? "cG9zdG1hcms6Y29ycmVjdCBob3JzZQ==" : "cG9zdG1hcms6d3Jvbmc="}`,
      },
      body,
    },
    events: isGenuine ? [BROKEN_CUP] : undefined,
  };
}

const BROKEN_CUP: InboundEvent = {
  type: "message",
  at: WRITTEN_AT,
  externalId: "<cup@example.org>",
  sender: ANN,
  receiver: "help@shop.test",
  text: "The cup came broken, see the picture.",
  media: [
    {
      kind: "image",
      ref: "part:0",
      name: "cup.png",
      mimeType: "image/png",
      sizeBytes: 4,
      bytes: new Uint8Array([0x89, 0x50, 0x4e, 0x47]),
    },
  ],
  thread: "broken cup",
  title: "Broken cup",
  isSenderProven: true,
  meta: { subject: "Broken cup", senderCheck: "proven" },
};

const RECORDED: readonly Fixture[] = [
  mail(
    "a mail that begins a thread",
    "help@shop.test",
    [
      FROM_ANN,
      "To: help@shop.test",
      "Subject: =?iso-8859-1?Q?=D6ffnungszeiten?=",
      DATE,
      "Message-ID: <first@example.org>",
      "Content-Type: text/plain; charset=iso-8859-1",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      "Haben Sie am Samstag ge=F6ffnet?",
      "",
    ],
    [
      {
        type: "message",
        at: WRITTEN_AT,
        externalId: "<first@example.org>",
        sender: ANN,
        receiver: "help@shop.test",
        text: "Haben Sie am Samstag geöffnet?",
        thread: "öffnungszeiten",
        title: "Öffnungszeiten",
        meta: { subject: "Öffnungszeiten" },
      },
    ],
  ),
  mail(
    "an answer, with what it answers below it",
    "help@shop.test",
    [
      FROM_ANN,
      "To: help@shop.test",
      "Subject: AW: Your parcel",
      DATE,
      "Message-ID: <second@example.org>",
      `In-Reply-To: ${OURS}`,
      `References: <older@example.org> ${OURS}`,
      "Content-Type: text/plain; charset=utf-8",
      "",
      "Thank you!",
      "",
      "On Mon, 4 May 2026 at 11:58, Shop <help@shop.test> wrote:",
      "> Your parcel is here.",
      "",
    ],
    [
      {
        type: "message",
        at: WRITTEN_AT,
        externalId: "<second@example.org>",
        sender: ANN,
        receiver: "help@shop.test",
        text: "Thank you!",
        replyTo: OURS,
        references: [OURS, "<older@example.org>"],
        thread: "your parcel",
        title: "Your parcel",
        meta: { subject: "AW: Your parcel" },
      },
    ],
  ),
  mail(
    "an answer under another subject, which begins something new",
    "help@shop.test",
    [
      FROM_ANN,
      "To: help@shop.test",
      "Subject: Now something else",
      DATE,
      "Message-ID: <third@example.org>",
      `In-Reply-To: ${OURS}`,
      "",
      "Do you have saucers, too?",
      "",
    ],
    [
      {
        type: "message",
        at: WRITTEN_AT,
        externalId: "<third@example.org>",
        sender: ANN,
        receiver: "help@shop.test",
        text: "Do you have saucers, too?",
        thread: "now something else",
        title: "Now something else",
        meta: { subject: "Now something else" },
      },
    ],
  ),
  mail(
    "somebody who is away",
    "help@shop.test",
    [
      FROM_ANN,
      "To: help@shop.test",
      "Subject: Automatic reply: Your parcel",
      DATE,
      "Message-ID: <away@example.org>",
      "Auto-Submitted: auto-replied",
      "",
      "I am away until Friday.",
      "",
    ],
    [
      {
        type: "message",
        at: WRITTEN_AT,
        externalId: "<away@example.org>",
        sender: ANN,
        receiver: "help@shop.test",
        text: "I am away until Friday.",
        thread: "automatic reply: your parcel",
        title: "Automatic reply: Your parcel",
        meta: { subject: "Automatic reply: Your parcel", autoReply: true },
      },
    ],
    "",
  ),
  mail(
    "a mail that came back, since there is no such mailbox",
    "bounce+d1.ytmzmjkdz2@shop.test",
    [
      "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>",
      "To: bounce+d1.ytmzmjkdz2@shop.test",
      "Subject: Undelivered Mail Returned to Sender",
      DATE,
      "Auto-Submitted: auto-replied",
      "MIME-Version: 1.0",
      'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
      "",
      "--b",
      "Content-Type: text/plain",
      "",
      "I'm sorry to have to inform you that your message could not be delivered.",
      "",
      "--b",
      "Content-Type: message/delivery-status",
      "",
      "Reporting-MTA: dns; mx.example.org",
      "",
      "Final-Recipient: rfc822; ann@example.org",
      "Action: failed",
      "Status: 5.1.1",
      "Diagnostic-Code: smtp; 550 5.1.1 <ann@example.org>:",
      "    Recipient address rejected",
      "",
      "--b",
      "Content-Type: message/rfc822",
      "",
      "From: help@shop.test",
      "To: ann@example.org",
      `Message-ID: ${OURS}`,
      "",
      "Your parcel is here.",
      "",
      "--b--",
      "",
    ],
    [
      {
        type: "receipt",
        at: WRITTEN_AT,
        externalId: OURS,
        deliveryId: "d1",
        status: "failed",
        error: {
          class: "invalid_recipient",
          code: "5.1.1",
          reason:
            "The mail came back. The server said: 550 5.1.1 <ann@example.org>: Recipient address rejected",
        },
        suppressAddress: true,
      },
    ],
    "",
  ),
  postmark("a mail with a picture, as Postmark posts it", JSON.stringify(POSTMARK), true),
  postmark("somebody who does not know the password", JSON.stringify(POSTMARK), false),
  {
    ...mail("a mail as it is, over HTTP", "help@shop.test", [FROM_ANN, "", "Let me in"], []),
    events: undefined,
  },
];

/** Mail as it comes over the wire, and requests of providers. */
export const emailFixtures: readonly Fixture[] = RECORDED;
