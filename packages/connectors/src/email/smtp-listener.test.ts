import { AnywireError } from "@anywire/types";
import { createTransport } from "nodemailer";
import { expect, onTestFinished, test } from "vitest";
import { email } from "./email-connector.ts";
import type { EmailContext, SmtpInbox } from "./email-settings.ts";
import { contextOf, Inbox } from "./email-setup.fixture.ts";
import { startSmtpListener } from "./smtp-listener.ts";

async function start(
  settings: Readonly<Record<string, unknown>> = {},
  inboxSettings: Readonly<Record<string, unknown>> = {},
) {
  const inbound = { kind: "smtp", host: "127.0.0.1", port: 0, ...inboxSettings };
  const context: EmailContext = contextOf({ ...settings, inbound });
  const inbox = new Inbox();
  const listener = await startSmtpListener(context, context.settings.inbound as SmtpInbox, inbox);
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
