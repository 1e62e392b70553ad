import { AnywireError } from "@anywire/types";
import type { ImapFlow, MailboxObject } from "imapflow";
import { z } from "zod";
import type { Receiver } from "../contract/abilities.ts";
import { checkMailboxSender } from "./check-mailbox-sender.ts";
import type { EmailContext, ImapInbox } from "./email-settings.ts";
import { mailRequest, type SenderCheck } from "./incoming-mail.ts";
import { type Dns, systemDns } from "./sender-dns.ts";

/** How far a mailbox was read. Numbers of mails mean something only in that mailbox, and together with `uidValidity`. */
const cursorSchema = z.object({
  mailbox: z.string(),
  uidValidity: z.string(),
  uidNext: z.int().min(1),
  /** When the newest mail that was read had come in, ms since the Unix epoch; 0 for none. */
  lastAt: z.number(),
});

type Cursor = z.infer<typeof cursorSchema>;

/** Quiet for so long, it waits to be told of new mail. */
const AUTO_IDLE_MS = 200;
const CONNECT_TIMEOUT_MS = 20_000;
const DAY_MS = 86_400_000;
/** No server takes less than that, bytes. */
const SMALLEST_CUT = 2048;

/**
 * Fetches mail from a mailbox until the signal aborts: what came since the last time, then what comes. The first time it begins
 * with what comes from now on. The mailbox is only looked at: nothing is marked, moved or deleted in it.
 * @throws {Error} when the server can't be reached, refuses the sign-in, or goes away
 * @see https://www.rfc-editor.org/rfc/rfc3501#section-2.3.1.1 what the numbers of mails promise
 */
export async function listenImap(
  context: EmailContext,
  inbox: ImapInbox,
  receiver: Receiver,
  signal: AbortSignal,
  dns: Dns = systemDns(),
): Promise<void> {
  if (signal.aborted) return;
  const client = await createClient(context, inbox);
  const news = new News();
  client.on("exists", () => news.ring());
  client.on("error", () => news.end());
  client.on("close", () => news.end());
  const stop = (): void => {
    news.end();
    client.close();
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    await client.connect();
    const mailbox = await client.mailboxOpen(inbox.mailbox, { readOnly: true });
    let cursor = await begin(client, { ...mailbox, name: placeOf(inbox) }, receiver);
    do {
      cursor = await catchUp({ context, inbox, client, receiver, dns, signal }, cursor);
    } while (await news.wait());
    if (!signal.aborted) throw new Error("the session is over");
  } catch (error) {
    // Of the error only this: what the server answered to the sign-in may have the password in it.
    if (!signal.aborted) {
      if (error instanceof AnywireError) throw error;
      throw new Error(`the mail server ${inbox.host}:${inbox.port} ${whatOf(error)}`);
    }
  } finally {
    signal.removeEventListener("abort", stop);
    client.close();
  }
}

async function createClient({ secrets }: EmailContext, inbox: ImapInbox): Promise<ImapFlow> {
  const { ImapFlow } = await import("imapflow");
  const { host, port, isSecure, user } = inbox;
  const pass = (secrets["imapPassword"] ?? secrets["password"] ?? [])[0] ?? "";
  return new ImapFlow({
    host,
    port,
    secure: isSecure,
    auth: { user, pass },
    autoIdleDelay: AUTO_IDLE_MS,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    logger: false,
  });
}

function placeOf({ host, port, user, mailbox }: ImapInbox): string {
  return JSON.stringify([host, port, user, mailbox]);
}

/** Where to go on. */
async function begin(
  client: ImapFlow,
  { name, uidValidity, uidNext }: Pick<MailboxObject, "uidValidity" | "uidNext"> & { name: string },
  receiver: Receiver,
): Promise<Cursor> {
  const validity = String(uidValidity);
  const known = readCursor(await receiver.loadCursor());
  if (known?.mailbox === name && known.uidValidity === validity) {
    // Told at once that the mailbox is there, also after it was not.
    await receiver.saveCursor(JSON.stringify(known));
    return known;
  }
  // Numbered anew, or another mailbox, whose numbers may look the same: only the time tells what is new. Mail of that day comes again, and is known by its id.
  const since = known === undefined || known.lastAt === 0 ? undefined : known.lastAt - DAY_MS;
  const found =
    since === undefined ? [] : await client.search({ since: new Date(since) }, { uid: true });
  const first = found && found.length > 0 ? Math.min(...found) : uidNext;
  const cursor = {
    mailbox: name,
    uidValidity: validity,
    uidNext: first,
    lastAt: known?.lastAt ?? 0,
  };
  await receiver.saveCursor(JSON.stringify(cursor));
  return cursor;
}

function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  try {
    return cursorSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

interface Work {
  readonly context: EmailContext;
  readonly inbox: ImapInbox;
  readonly client: ImapFlow;
  readonly receiver: Receiver;
  readonly dns: Dns;
  readonly signal: AbortSignal;
}

/** Hands over what is new, one after the other. The cursor moves once a mail is durable. */
async function catchUp(work: Work, from: Cursor): Promise<Cursor> {
  const { client, receiver, signal } = work;
  // A mail that is there always is given even where its number is lower than what was asked for.
  const found = await client.fetchAll(
    `${from.uidNext}:*`,
    { uid: true, internalDate: true },
    { uid: true },
  );
  const news = found.filter(({ uid }) => uid >= from.uidNext).sort((a, b) => a.uid - b.uid);
  let cursor = from;
  for (const { uid, internalDate } of news) {
    if (signal.aborted) break;
    await handOver(work, uid);
    const lastAt = Math.max(cursor.lastAt, new Date(internalDate ?? 0).getTime() || 0);
    cursor = { ...cursor, uidNext: uid + 1, lastAt };
    await receiver.saveCursor(JSON.stringify(cursor));
  }
  return cursor;
}

async function handOver(work: Work, uid: number, maxLength = work.inbox.maxBytes): Promise<void> {
  const { context, client, receiver, signal } = work;
  const mail = await client.fetchOne(
    String(uid),
    // A larger one is cut off: what is missing then is the end of its last file.
    { source: { start: 0, maxLength } },
    { uid: true },
  );
  // Somebody else deleted it meanwhile.
  if (mail === false || mail.source === undefined) return;
  const envelope = { from: undefined, to: [] };
  const raw = new Uint8Array(mail.source);
  const check = await checkOf(work, raw);
  signal.throwIfAborted();
  try {
    await receiver.receive(mailRequest(context.id, envelope, raw, check));
  } catch (error) {
    const isTooLarge = error instanceof AnywireError && error.code === "too_large";
    if (!isTooLarge || maxLength < SMALLEST_CUT) throw error;
    // The server takes less than the connection would: one large mail must not be in the way of all after it.
    await handOver(work, uid, maxLength >> 1);
  }
}

/** What is found out about who a mail is from; nothing when it is to end meanwhile. */
async function checkOf(
  { context, inbox, dns, signal }: Work,
  raw: Uint8Array,
): Promise<SenderCheck | undefined> {
  if (context.settings.senderCheck === "off" || signal.aborted) return undefined;
  // No race with one promise for the whole session: something of each mail would stay there until the session ends.
  return await new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    const checked = checkMailboxSender(raw, inbox.authservId, dns);
    void checked.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Wakes whoever waits for new mail, also when it came before they began to wait. */
class News {
  #hasRung = false;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  /** Whether there is news; false when there won't be any. */
  async wait(): Promise<boolean> {
    if (!this.#hasRung && !this.#hasEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#hasRung = false;
    return !this.#hasEnded;
  }
}

/** What errors of these codes mean, and what to do. */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOTFOUND: "is not found by that name; look at inbound.host",
  EAI_AGAIN: "can't be looked up; look whether this machine reaches its DNS server",
  ECONNREFUSED: "takes no connection; look at inbound.host and inbound.port",
  ETIMEDOUT: "does not answer; look at inbound.host, inbound.port and the firewall",
  CONNECT_TIMEOUT: "does not answer; look at inbound.host, inbound.port and the firewall",
  EHOSTUNREACH: "can't be reached from this machine; look at its network and inbound.host",
  ENETUNREACH: "can't be reached from this machine; look at its network and inbound.host",
};

function whatOf(error: unknown): string {
  const { code, authenticationFailed } = error as {
    readonly code?: string;
    readonly authenticationFailed?: boolean;
  };
  if (authenticationFailed === true) {
    return "refuses the sign-in; look at inbound.user and the secret imapPassword";
  }
  if (code === undefined) return "ended the session";
  return `${MEANINGS[code] ?? "can't be used"} (${code})`;
}
