import { expect, test } from "vitest";
import type { InboundEvent, InboundMessage } from "../contract/inbound-event.ts";
import { email } from "./email-connector.ts";
import { contextOf, eventsOf, NOW, rawMail } from "./email-setup.fixture.ts";
import { mailRequest } from "./incoming-mail.ts";
import { messageIdOf, replyAddressOf } from "./mail-tokens.ts";

const FROM = "From: Ann <ann@example.org>";
const CHANNEL = "production.email.c1";
const OURS = messageIdOf(contextOf(), { deliveryId: "d1", channel: CHANNEL, subject: "Tea" });
const TOKEN = replyAddressOf(contextOf(), { channel: CHANNEL, subject: "Tea" }) ?? "";

async function messageOf(...args: Parameters<typeof eventsOf>): Promise<InboundMessage> {
  const [event] = await eventsOf(...args);
  if (event?.type !== "message") throw new Error(`no message: ${JSON.stringify(event)}`);
  return event;
}

async function only(...args: Parameters<typeof eventsOf>): Promise<InboundEvent | undefined> {
  const events = await eventsOf(...args);
  expect(events).toHaveLength(1);
  return events[0];
}

test("the channel that the address names comes before what the mail refers to, the nearest before the others", async () => {
  const raw = rawMail(
    FROM,
    "Subject: Re: Tea",
    "Message-ID: <m@example.org>",
    "References: <1@a.test> <2@a.test>",
    " <3@a.test>",
    `In-Reply-To: ${OURS} <4@a.test>`,
    "",
    "Yes",
  );
  expect((await messageOf(raw, { to: [TOKEN] })).references).toEqual([
    `channel:${CHANNEL}`,
    "<3@a.test>",
    "<2@a.test>",
    "<1@a.test>",
    OURS,
    "<4@a.test>",
  ]);
});

test("the token is found in the header, too, where the envelope is not known", async () => {
  const raw = rawMail(FROM, `To: Shop <${TOKEN}>`, "Subject: Re: Tea", "", "Yes");
  expect((await messageOf(raw, { to: [] })).references).toEqual([`channel:${CHANNEL}`]);
});

/**
 * Symptom elsewhere: whoever used an old mail to write about something else landed in the old conversation, whose answers had the
 * wrong subject for ever after.
 */
test.each([
  ["by the address", [`To: ${TOKEN}`]],
  ["by what it refers to", [`References: <1@a.test> ${OURS}`]],
])("another subject begins something new, also where the thread is known %s", async (_, lines) => {
  const message = await messageOf(
    rawMail(FROM, ...lines, "Subject: Re: Coffee", "Message-ID: <m@a.test>", "", "Yes"),
  );
  expect(message).toMatchObject({ thread: "coffee", title: "Coffee" });
  expect(message).not.toHaveProperty("references");
  expect(message).not.toHaveProperty("replyTo");
});

test("an answer without a subject, or one that a gateway has marked, is an answer still", async () => {
  for (const subject of ["", "Re:", "[EXTERNAL] AW: tea"]) {
    const raw = rawMail(FROM, `Subject: ${subject}`, `In-Reply-To: ${OURS}`, "", "Yes");
    expect(await messageOf(raw)).toMatchObject({ references: [OURS], replyTo: OURS });
  }
});

test("mail that refers to nothing is told apart by its subject", async () => {
  const first = await messageOf(rawMail(FROM, "Subject: Your invoice", "", "One"));
  const second = await messageOf(rawMail(FROM, "Subject: RE: your  INVOICE", "", "Two"));
  expect([first.thread, second.thread]).toEqual(["your invoice", "your invoice"]);
  expect((await messageOf(rawMail(FROM, "", "No subject"))).thread).toBeUndefined();
});

test("mail without an id is named by all of it: the same again, another otherwise", async () => {
  const [one, again, other] = await Promise.all(
    ["a", "a", "b"].map((text) => messageOf(rawMail(FROM, "Subject: x", "", text))),
  );
  expect(one?.externalId).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(again?.externalId).toBe(one?.externalId);
  expect(other?.externalId).not.toBe(one?.externalId);
});

test("an id without brackets gets them, and one that is too long is replaced", async () => {
  const idOf = async (id: string) =>
    (await messageOf(rawMail(FROM, `Message-ID: ${id}`, "", "x"))).externalId;
  expect(await idOf("abc@a.test")).toBe("<abc@a.test>");
  expect(await idOf(`<${"x".repeat(600)}@a.test>`)).toMatch(/^sha256:/);
});

test("of HTML without text beside it the words remain, without what it answers", async () => {
  const raw = rawMail(
    FROM,
    "Subject: Re: Tea",
    "Content-Type: text/html; charset=utf-8",
    "",
    '<style>p{color:red}</style><div>Yes, <b>please</b>!</div><br><div class="gmail_quote"><div>On Mon, May 4, 2026 at 11:58 AM Shop &lt;help@shop.test&gt; wrote:<br></div><blockquote>Tea?</blockquote></div>',
  );
  expect((await messageOf(raw)).text).toBe("Yes, please!");
});

test("the whole text stays where nothing would be left, and of mail that was passed on", async () => {
  const quoted = ["> Tea?", "> Or coffee?"];
  expect((await messageOf(rawMail(FROM, "Subject: Re: Tea", "", ...quoted))).text).toBe(
    "> Tea?\n> Or coffee?",
  );
  const forwarded = await messageOf(
    rawMail(FROM, "Subject: Fwd: Tea", "", "See below", "", "On Monday, Bob wrote:", ...quoted),
  );
  expect(forwarded.text).toContain("Or coffee?");
});

test("a mail of a subject only says what the subject says, and an empty one nothing", async () => {
  expect((await messageOf(rawMail(FROM, "Subject: Call me", ""))).text).toBe("Call me");
  expect(await only(rawMail(FROM, "Date: x", ""))).toMatchObject({ type: "ignored" });
});

test("files come whole, under a name that is no path, invitations among them", async () => {
  const raw = rawMail(
    FROM,
    "Subject: Invitation",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    "Come!",
    "--b",
    'Content-Type: image/png; name="x"',
    "Content-Transfer-Encoding: base64",
    'Content-Disposition: attachment; filename="../../etc/cup.png"',
    "",
    "iVBORw==",
    "--b",
    "Content-Type: text/calendar; method=REQUEST",
    "Content-Disposition: attachment",
    "",
    "BEGIN:VCALENDAR",
    "--b--",
    "",
  );
  const { text, media = [] } = await messageOf(raw);
  expect(text).toBe("Come!");
  expect(media.map(({ kind, mimeType }) => [kind, mimeType])).toEqual([
    ["image", "image/png"],
    ["file", "text/calendar"],
  ]);
  expect(media[0]?.name).not.toContain("/");
  expect(media[0]?.bytes).toEqual(new Uint8Array([0x89, 0x50, 0x4e, 0x47]));
});

test("what a machine wrote is marked", async () => {
  const machines = [
    "Auto-Submitted: auto-replied",
    "Auto-Submitted: auto-generated; owner=x",
    "Precedence: bulk",
    "X-Autoreply: yes",
    "List-Id: <news.example.org>",
  ];
  for (const line of machines) {
    const { meta } = await messageOf(rawMail(FROM, line, "Subject: x", "", "x"));
    expect(meta, line).toMatchObject({ autoReply: true });
  }
  const nobody = await messageOf(rawMail(FROM, "Subject: x", "", "x"), { from: "" });
  expect(nobody.meta).toMatchObject({ autoReply: true });
  const human = await messageOf(rawMail(FROM, "Auto-Submitted: no", "Subject: x", "", "x"));
  expect(human.meta).toEqual({ subject: "x" });
});

test("mail of our own does not come in again", async () => {
  for (const from of ["help@shop.test", "HELP+x@Shop.test", "reply@shop.test"]) {
    const event = await only(rawMail(`From: ${from}`, "Subject: x", "", "x"));
    expect(event).toMatchObject({ type: "ignored", what: "a mail of our own" });
  }
});

test("a colleague in a domain whose mail is taken is a person like others", async () => {
  const context = contextOf({ addresses: ["@shop.test", "sales@shop.test"] });
  for (const from of ["sales@shop.test", "carol@shop.test"]) {
    const event = await only(rawMail(`From: ${from}`, "Subject: x", "", "x"), { context });
    expect(event).toMatchObject({ type: "message", sender: { addresses: [`email:${from}`] } });
  }
});

test("a mail that says unsubscribe in its subject ends messages, an answer in a thread about it does not", async () => {
  expect(await only(rawMail(FROM, "Subject: Unsubscribe", "", "Sent by a mail program"))).toEqual({
    type: "consent",
    at: NOW,
    sender: { addresses: ["email:ann@example.org"], name: "Ann" },
    state: "out",
    reason: "Unsubscribed by a mail with that subject",
  });
  const answer = rawMail(FROM, "Subject: Re: Unsubscribe", "In-Reply-To: <a@a.test>", "", "Why?");
  expect(await only(answer)).toMatchObject({ type: "message" });
});

test("a mail from tomorrow is from now", async () => {
  const atOf = async (date: string) =>
    (await messageOf(rawMail(FROM, `Date: ${date}`, "", "x"))).at;
  expect(await atOf("Fri, 01 Jan 2100 00:00:00 +0000")).toBe(NOW);
  expect(await atOf("Sun, 03 May 2026 12:00:00 +0200")).toBe(Date.UTC(2026, 4, 3, 10));
  expect(await atOf("31 Foo")).toBe(NOW);
});

test.each([
  ["an unknown charset", ["Content-Type: text/plain; charset=x-made-up", "", "Hello"]],
  ["base64 that is none", ["Content-Transfer-Encoding: base64", "", "SGVsbG8=%%%%"]],
  ["a boundary that never comes", ["Content-Type: multipart/mixed; boundary=z", "", "Hello"]],
  ["a part without an end", ["Content-Type: multipart/mixed; boundary=z", "", "--z", "", "Hello"]],
  ["bare line feeds", ["X: y\n\nHello\n"]],
  ["an encoded word cut off", ["Subject: =?utf-8?B?w7w", "", "Hello"]],
])("a mail with %s gives what can be read of it", async (_, lines) => {
  const event = await only(rawMail(FROM, "Subject: x", ...lines));
  expect(event).toMatchObject({ type: "message" });
});

test("a mail without a sender who could be answered is ignored, and what is no mail refused", async () => {
  for (const from of ["From:", "From: undisclosed", "From: a b@c", "X: y"]) {
    expect(await only(rawMail(from, "Subject: x", "", "x"))).toMatchObject({ type: "ignored" });
  }
  await expect(eventsOf(rawMail(""))).rejects.toThrow("no mail in it");
});

/**
 * Symptom: one mail of a stranger, a megabyte of HTML or two kilobytes of text, kept the whole server busy for minutes up to for
 * ever, and again after each restart, since it was stored: patterns that try each end for each beginning.
 */
test.each([
  ["HTML of beginnings of tags", "text/html", "<".repeat(1_050_000)],
  ["HTML of styles that never end", "text/html", "<style>".repeat(150_000)],
  ["text that looks like the heads of many quotes", "text/plain", "2020from<".repeat(1_000)],
  ["text of many words before quotes", "text/plain", "Op schreef\n".repeat(4_000)],
])("%s keeps nobody waiting", async (_, type, body) => {
  const raw = rawMail(FROM, "Subject: Hello", `Content-Type: ${type}`, "", body);
  const startedAt = performance.now();
  expect(await messageOf(raw)).toMatchObject({ type: "message" });
  expect(performance.now() - startedAt).toBeLessThan(4_000);
});

test("of HTML that is too long for a better reading what a person would see is the text", async () => {
  const styles = `<head><title>No</title><style>p { color: red }</style></head>`;
  const html = `${styles}<p>Two &lt; three</p><div>Yes<br>No</div><STYLE>b</STYLE>End`;
  const raw = rawMail(
    FROM,
    "Subject: Long",
    "Content-Type: text/html",
    "",
    html.padEnd(1_100_000, " "),
  );
  expect((await messageOf(raw)).text).toBe("Two < three\nYes\nNo\nEnd");
});

test.each([
  ["proven", true],
  ["unproven", false],
  ["failed", false],
] as const)(
  "a mail whose sender is %s says so in words that every network has",
  async (check, isSenderProven) => {
    const envelope = { from: "ann@example.org", to: ["help@shop.test"] };
    const request = mailRequest("mail-main", envelope, rawMail(FROM, "", "start"), check);
    const read = (senderCheck: string) => email.parse(request, contextOf({ senderCheck }));
    expect(await read("mark")).toMatchObject([{ isSenderProven, meta: { senderCheck: check } }]);
    const [unchecked] = await read("off");
    expect(unchecked).not.toHaveProperty("isSenderProven");
  },
);
