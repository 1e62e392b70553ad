import { getEventListeners } from "node:events";
import { queryObjects } from "node:v8";
import { AnywireError } from "@anywire/types";
import { expect, onTestFinished, test, vi } from "vitest";
import { email } from "./email-connector.ts";
import type { EmailContext, ImapInbox } from "./email-settings.ts";
import { contextOf, Inbox } from "./email-setup.fixture.ts";
import { listenImap } from "./imap-listener.ts";
import { ImapMailbox } from "./imap-server.fixture.ts";
import { nameTable, signMail } from "./name-table.fixture.ts";

function mail(id: string): string {
  return `From: ann@example.org\r\nSubject: x\r\nMessage-ID: <${id}@a.test>\r\n\r\n${id}\r\n`;
}

const SECRETS = { imapPassword: "correct" };

function contextFor({ port }: ImapMailbox, password = "correct"): EmailContext {
  const inbound = { kind: "imap", host: "127.0.0.1", port, isSecure: false, user: "help" };
  return contextOf({ inbound }, { imapPassword: password });
}

/** Listens until the test ends, or until it is stopped. */
function listen(mailbox: ImapMailbox, inbox: Inbox) {
  const end = new AbortController();
  const listening = email.listen(contextFor(mailbox), inbox, end.signal);
  listening.catch(() => undefined);
  const stop = async (): Promise<void> => {
    end.abort();
    await listening;
  };
  onTestFinished(() => end.abort());
  return { listening, stop };
}

async function ids(inbox: Inbox): Promise<readonly string[]> {
  const events = await inbox.events(contextOf());
  return events.map((event) => (event.type === "message" ? (event.text ?? "") : event.type));
}

const waits = (mailbox: ImapMailbox) =>
  vi.waitFor(() => expect(mailbox.commands).toContain("IDLE"), { timeout: 10_000 });

const has = (inbox: Inbox, count: number) =>
  vi.waitFor(() => expect(inbox.requests).toHaveLength(count), { timeout: 10_000 });

/** How many are alive, once what nobody holds is gone. */
const countOfPromises = () => Number(queryObjects(Promise));

test("it begins with what comes from now on, and changes nothing in the mailbox", async () => {
  const mailbox = await new ImapMailbox().start();
  mailbox.add(mail("old"));
  const inbox = new Inbox();
  const { stop } = listen(mailbox, inbox);
  await waits(mailbox);
  mailbox.add(mail("one"));
  await has(inbox, 1);
  mailbox.add(mail("two"));
  await has(inbox, 2);
  await stop();
  expect(await ids(inbox)).toEqual(["one", "two"]);
  expect(mailbox.commands).toContain("EXAMINE");
  expect(mailbox.commands).not.toContain("SELECT");
  expect(mailbox.commands).not.toContain("UID STORE");
});

test("what came while nobody listened is fetched afterwards, once", async () => {
  const mailbox = await new ImapMailbox().start();
  const inbox = new Inbox();
  const first = listen(mailbox, inbox);
  await waits(mailbox);
  mailbox.add(mail("one"));
  await has(inbox, 1);
  await first.stop();
  mailbox.add(mail("two"));
  mailbox.add(mail("three"));
  listen(mailbox, inbox);
  await has(inbox, 3);
  expect(await ids(inbox)).toEqual(["one", "two", "three"]);
});

test("a mail that could not be stored is fetched again", async () => {
  const mailbox = await new ImapMailbox().start();
  const inbox = new Inbox();
  inbox.store = () => Promise.reject(new AnywireError("storage_full", "the disk is full"));
  const first = listen(mailbox, inbox);
  await waits(mailbox);
  mailbox.add(mail("one"));
  await expect(first.listening).rejects.toThrow("the disk is full");
  inbox.store = async () => undefined;
  listen(mailbox, inbox);
  await has(inbox, 1);
  expect(await ids(inbox)).toEqual(["one"]);
});

test("in a mailbox that was numbered anew, nothing of the last days is missed", async () => {
  const mailbox = await new ImapMailbox().start();
  const now = Date.now();
  mailbox.add(mail("ancient"), new Date(now - 30 * 86_400_000));
  const inbox = new Inbox();
  const first = listen(mailbox, inbox);
  await waits(mailbox);
  mailbox.add(mail("known"), new Date(now));
  await has(inbox, 1);
  await first.stop();
  mailbox.add(mail("new"), new Date(now));
  mailbox.renumber();
  listen(mailbox, inbox);
  await has(inbox, 3);
  // That which was known is known by its id.
  expect(await ids(inbox)).toEqual(["known", "known", "new"]);
});

/**
 * Symptom: after a connection was given another mailbox, whose mails happen to be numbered like those of the one before, mail there
 * was passed over until its numbers were higher.
 */
test("of another mailbox nothing is passed over because of the one before", async () => {
  const before = await new ImapMailbox().start();
  const inbox = new Inbox();
  const first = listen(before, inbox);
  await waits(before);
  for (const id of ["one", "two", "three"]) before.add(mail(id));
  await has(inbox, 3);
  await first.stop();
  const after = await new ImapMailbox().start();
  after.add(mail("other"));
  listen(after, inbox);
  await has(inbox, 4);
  expect((await ids(inbox)).at(-1)).toBe("other");
});

/** Symptom: one mail that was larger than what the server stores was asked for again and again, and nothing behind it came. */
test("a mail that is larger than what can be stored comes cut off, and those behind it come", async () => {
  const mailbox = await new ImapMailbox().start();
  const inbox = new Inbox();
  const receive = inbox.receive.bind(inbox);
  inbox.receive = async (request) => {
    if (request.body.byteLength > 100_000) throw new AnywireError("too_large", "it is too large");
    await receive(request);
  };
  listen(mailbox, inbox);
  await waits(mailbox);
  mailbox.add(`From: ann@example.org\r\nSubject: x\r\n\r\n${"x".repeat(400_000)}`);
  mailbox.add(mail("next"));
  await has(inbox, 2);
  const texts = await ids(inbox);
  expect(texts[0]).toMatch(/^x{40000,}$/);
  expect(texts[1]).toBe("next");
});

test("what a mail proves of its sender comes along with it", async () => {
  const mailbox = await new ImapMailbox().start();
  const inbox = new Inbox();
  const { settings } = contextFor(mailbox);
  const inbound = { ...settings.inbound, authservId: "mx.shop.test" } as ImapInbox;
  const context = contextOf({ inbound, senderCheck: "refuse" }, { imapPassword: "correct" });
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const names = nameTable({ "TXT s1._domainkey.slow.test": "hangs" });
  const listening = listenImap(context, inbound, inbox, end.signal, names.dns);
  await waits(mailbox);
  const note = "Authentication-Results: mx.shop.test; dmarc=pass header.from=example.org\r\n";
  mailbox.add(note + mail("one"));
  mailbox.add(mail("two"));
  await has(inbox, 2);
  expect(await inbox.events(context)).toMatchObject([
    { text: "one", meta: { senderCheck: "proven" } },
    { text: "two", meta: { senderCheck: "unproven" } },
  ]);
  // It ends at once, and what is looked at then is left for the next time.
  mailbox.add(await signMail("From: ann@slow.test\r\n\r\nthree\r\n", "slow.test"));
  await vi.waitFor(() => expect(names.asked).toContain("TXT s1._domainkey.slow.test"), 10_000);
  const endedAt = performance.now();
  end.abort();
  await listening;
  expect(performance.now() - endedAt).toBeLessThan(5_000);
  expect(inbox.requests).toHaveLength(2);
  expect(JSON.parse(inbox.cursor ?? "")).toMatchObject({ uidNext: 3 });
});

/** Symptom: of each mail a little stayed in memory until the lease ended, and of each session a listener. */
test("nothing of a mail stays while it listens, and nothing of a session after it", async () => {
  const mailbox = await new ImapMailbox().start();
  const inbox = new Inbox();
  const context = contextOf({ ...contextFor(mailbox).settings, senderCheck: "mark" }, SECRETS);
  const { signal } = new AbortController();
  const { dns } = nameTable({});
  const inbound = context.settings.inbound as ImapInbox;
  const listening = listenImap(context, inbound, inbox, signal, dns);
  listening.catch(() => undefined);
  await waits(mailbox);
  mailbox.add(mail("first"));
  await has(inbox, 1);
  const promises = countOfPromises();
  const listeners = getEventListeners(signal, "abort").length;
  for (let count = 0; count < 100; count += 1) mailbox.add(mail(`m${count}`));
  await has(inbox, 101);
  expect(countOfPromises() - promises).toBeLessThan(50);
  expect(getEventListeners(signal, "abort")).toHaveLength(listeners);
  mailbox.dropSessions();
  await expect(listening).rejects.toThrow("ended the session");
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("a session that ends is told, so that it is begun again", async () => {
  const mailbox = await new ImapMailbox().start();
  const { listening } = listen(mailbox, new Inbox());
  await waits(mailbox);
  mailbox.dropSessions();
  await expect(listening).rejects.toThrow(/^the mail server 127\.0\.0\.1:\d+ ended the session/);
});

/** Symptom: the log told of the error's code alone, so that nobody knew which server, and what to do. */
test("a mail server that can't be had is named, with what to look at", async () => {
  // Nobody listens there.
  const inbound = { kind: "imap", host: "127.0.0.1", port: 1, user: "help" };
  const context = contextOf({ inbound }, { imapPassword: "correct" });
  const listening = email.listen(context, new Inbox(), new AbortController().signal);
  await expect(listening).rejects.toThrow(
    /^the mail server 127\.0\.0\.1:1 takes no connection; look at inbound\.host and inbound\.port \(ECONNREFUSED\)$/,
  );
});

test("a refused sign-in says so, and not with what", async () => {
  const mailbox = await new ImapMailbox().start();
  const listening = email.listen(
    contextFor(mailbox, "wrong-password"),
    new Inbox(),
    new AbortController().signal,
  );
  const error = await listening.catch((reason: unknown) => String(reason));
  expect(error).toContain("refuses the sign-in");
  expect(error).not.toContain("wrong-password");
});
