import { AnywireError } from "@anywire/types";
import { createTransport } from "nodemailer";
import { expect, onTestFinished, test } from "vitest";
import { email } from "./email-connector.ts";
import { type EmailContext, emailSettingsSchema, type SmtpInbox } from "./email-settings.ts";
import { contextOf, Inbox } from "./email-setup.fixture.ts";
import { bounceAddressOf, messageIdOf } from "./mail-tokens.ts";
import { nameTable } from "./name-table.fixture.ts";
import type { Dns } from "./sender-dns.ts";
import { startSmtpListener } from "./smtp-listener.ts";

async function start(
  settings: Readonly<Record<string, unknown>> = {},
  inboxSettings: Readonly<Record<string, unknown>> = {},
  dns?: Dns,
) {
  const inbound = { kind: "smtp", host: "127.0.0.1", port: 0, ...inboxSettings };
  const context: EmailContext = contextOf({ ...settings, inbound });
  const inbox = new Inbox();
  const inboundOf = context.settings.inbound as SmtpInbox;
  const listener = await startSmtpListener(context, inboundOf, inbox, dns);
  onTestFinished(() => listener.close());
  const transport = createTransport({ host: "127.0.0.1", port: listener.port, ignoreTLS: true });
  onTestFinished(() => transport.close());
  const deliver = (to: string | string[], raw: string, from: string | false = "ann@example.org") =>
    transport.sendMail({ envelope: { from, to }, raw });
  return { context, inbox, listener, deliver };
}

const MAIL = "From: ann@example.org\r\nSubject: Hello\r\n\r\n.leading dot\r\n";

test("a mail is stored as it came, with the addresses of its envelope", async () => {
  const { context, inbox, deliver } = await start();
  await deliver(["help@shop.test", "reply+x@shop.test"], MAIL, false);
  const [request] = inbox.requests;
  expect(Buffer.from(request?.body ?? []).toString()).toBe(MAIL);
  expect(request).toMatchObject({
    method: "MAIL",
    headers: { "x-envelope-from": "", "x-envelope-to": "help%40shop.test,reply%2Bx%40shop.test" },
  });
  expect(await inbox.events(context)).toMatchObject([
    { text: ".leading dot", receiver: "help@shop.test", meta: { autoReply: true } },
  ]);
});

test("mail for addresses that are not ours is refused, for those of our domains taken", async () => {
  const { inbox, deliver } = await start({ addresses: ["sales@other.test", "@shop.example"] });
  for (const to of ["eve@evil.test", "helper@shop.test", "x@notshop.example", "sales@shop.test"]) {
    await expect(deliver(to, MAIL)).rejects.toMatchObject({ responseCode: 550 });
  }
  expect(inbox.requests).toHaveLength(0);
  for (const to of ["HELP@shop.test", "help+tag@shop.test", "sales@other.test", "x@shop.example"]) {
    await deliver(to, MAIL);
  }
  expect(inbox.requests).toHaveLength(4);
});

test("a mail is taken once it is durable, and not before", async () => {
  const { inbox, deliver } = await start();
  const stored = gate();
  const begun = gate();
  inbox.store = () => {
    begun.resolve();
    return stored.promise;
  };
  let isTaken = false;
  const delivery = deliver("help@shop.test", MAIL).then(() => {
    isTaken = true;
  });
  await begun.promise;
  expect(isTaken).toBe(false);
  stored.resolve();
  await delivery;
});

test("a mail that can't be stored is the sender's to try again, and why is not told", async () => {
  const { inbox, deliver } = await start();
  inbox.store = () => Promise.reject(new Error("disk /var/secret is full"));
  const error = await deliver("help@shop.test", MAIL).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ responseCode: 451 });
  expect(String(error)).not.toContain("secret");
});

test("a mail that is too large is refused for good, and those after it are taken", async () => {
  const { inbox, deliver } = await start({}, { maxBytes: 2048 });
  const large = `${MAIL}${"x".repeat(70)}\r\n`.repeat(100);
  await expect(deliver("help@shop.test", large)).rejects.toMatchObject({ responseCode: 552 });
  await deliver("help@shop.test", MAIL);
  expect(inbox.requests).toHaveLength(1);
});

/** Symptom: it was told to come again until its sender's server gave up, days later. */
test("a mail that is larger than what can be stored is refused for good, too", async () => {
  const { inbox, deliver } = await start();
  inbox.store = () => Promise.reject(new AnywireError("too_large", "larger than 10 bytes"));
  await expect(deliver("help@shop.test", MAIL)).rejects.toMatchObject({ responseCode: 552 });
});

/** Symptom: strangers sent 200 mails of 25 MB at once, and the server died for want of memory. */
test("large mails are held a few at a time, the others are to come again, and small ones pass", async () => {
  const { inbox, deliver } = await start({}, { maxBytes: 100_000 });
  const stored = gate();
  inbox.store = () => stored.promise;
  const large = `${MAIL}${`${"x".repeat(70)}\r\n`.repeat(1_300)}`;
  const mails = Array.from({ length: 12 }, () => deliver("help@shop.test", large));
  await expect(Promise.race(mails)).rejects.toMatchObject({ responseCode: 452 });
  inbox.store = async () => undefined;
  await deliver("help@shop.test", MAIL);
  stored.resolve();
  const outcomes = await Promise.allSettled(mails);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(8);
  await deliver("help@shop.test", large);
});

/** A bank that sends from this machine, and another one that does not; both want what is not theirs refused. */
const NAMES = {
  "TXT bank.test": ["v=spf1 ip4:127.0.0.1 -all"],
  "TXT _dmarc.bank.test": ["v=DMARC1; p=reject"],
  "TXT other-bank.test": ["v=spf1 -all"],
  "TXT _dmarc.other-bank.test": ["v=DMARC1; p=reject"],
};

function mailFrom(domain: string, ...more: readonly string[]): string {
  return [`From: ann@${domain}`, "Subject: Tea", ...more, "", "Hello", ""].join("\r\n");
}

test("a mail that the domain it says to be from wants refused is refused, with the reason", async () => {
  const { context, inbox, deliver } = await start(
    { senderCheck: "refuse" },
    {},
    nameTable(NAMES).dns,
  );
  const forged = deliver("help@shop.test", mailFrom("other-bank.test"), "ann@other-bank.test");
  await expect(forged).rejects.toMatchObject({
    responseCode: 550,
    response: expect.stringContaining("5.7.1 other-bank.test wants mail refused"),
  });
  expect(inbox.requests).toHaveLength(0);
  await deliver("help@shop.test", mailFrom("bank.test"), "ann@bank.test");
  await deliver("help@shop.test", mailFrom("nobody.test"), "ann@nobody.test");
  expect(await inbox.events(context)).toMatchObject([
    { sender: { addresses: ["email:ann@bank.test"] }, meta: { senderCheck: "proven" } },
    { sender: { addresses: ["email:ann@nobody.test"] }, meta: { senderCheck: "unproven" } },
  ]);
});

test("unless told otherwise, a connection refuses what is forged", () => {
  const { senderCheck } = emailSettingsSchema.parse({ from: "a@b.test", smtp: { host: "b.test" } });
  expect(senderCheck).toBe("refuse");
});

test("where mail is only marked, a forged one is taken and says so; where nobody looks, nobody is asked", async () => {
  const names = nameTable(NAMES);
  for (const [senderCheck, meta] of [
    ["mark", { subject: "Tea", senderCheck: "failed" }],
    ["off", { subject: "Tea" }],
  ] as const) {
    const { context, inbox, deliver } = await start({ senderCheck }, {}, names.dns);
    const before = names.asked.length;
    await deliver("help@shop.test", mailFrom("other-bank.test"), "ann@other-bank.test");
    const [event] = await inbox.events(context);
    expect(event).toMatchObject({ type: "message" });
    expect(event?.type === "message" && event.meta).toEqual(meta);
    expect(names.asked.length > before).toBe(senderCheck === "mark");
  }
});

test("while names can't be had, what may be forged is to come again", async () => {
  const names = { ...NAMES, "TXT other-bank.test": "fails" } as const;
  const { inbox, deliver } = await start({ senderCheck: "refuse" }, {}, nameTable(names).dns);
  const delivery = deliver("help@shop.test", mailFrom("other-bank.test"), "ann@other-bank.test");
  await expect(delivery).rejects.toMatchObject({ responseCode: 451 });
  expect(inbox.requests).toHaveLength(0);
});

test("a report of a failure needs no proof of its sender but the address that it comes to; no other mail comes in like that", async () => {
  const { context, inbox, deliver } = await start(
    { senderCheck: "refuse" },
    {},
    nameTable(NAMES).dns,
  );
  const id = messageIdOf(context, {
    deliveryId: "d1",
    channel: "production.email.c1",
    subject: "",
  });
  const report = [
    "From: mailer-daemon@other-bank.test",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Action: failed",
    "Status: 5.1.1",
    "",
    "--b",
    "Content-Type: text/rfc822-headers",
    "",
    `Message-ID: ${id}`,
    "",
    "--b--",
    "",
  ].join("\r\n");
  const address = bounceAddressOf(context, "d1") ?? "";
  await deliver(address, report, false);
  await deliver("help@shop.test", report, false);
  await deliver(address, mailFrom("other-bank.test"), false);
  expect(await inbox.events(context)).toMatchObject([
    { type: "receipt", deliveryId: "d1", status: "failed" },
    { type: "ignored" },
    { type: "ignored", what: expect.stringContaining("refused") },
  ]);
});

test("listening ends with its signal, and fails when the port is taken", async () => {
  const { context, inbox, listener } = await start();
  const inbound = { ...context.settings.inbound, port: listener.port } as SmtpInbox;
  const taken = { ...context, settings: { ...context.settings, inbound } };
  const { signal } = new AbortController();
  await expect(email.listen(taken, inbox, signal)).rejects.toMatchObject({ code: "EADDRINUSE" });
  await email.listen(context, inbox, AbortSignal.abort());
});

test("mail as it is does not come in over HTTP", async () => {
  const { context, inbox, deliver } = await start();
  await deliver("help@shop.test", MAIL);
  const [request] = inbox.requests;
  if (request === undefined) throw new Error("nothing came");
  for (const method of ["MAIL", "POST", "mail"]) {
    const verdict = await email.verify({ ...request, method }, context);
    expect(verdict.isGenuine).toBe(false);
  }
});

function gate(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((open) => {
    resolve = open;
  });
  return { promise, resolve: () => resolve() };
}
