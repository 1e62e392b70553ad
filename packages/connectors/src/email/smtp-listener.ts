import type { AddressInfo } from "node:net";
import { AnywireError } from "@anywire/types";
import type { SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from "smtp-server";
import type { Receiver } from "../contract/abilities.ts";
import { BodyBudget, type BodyLease } from "../wire/body-budget.ts";
import { aborted } from "./aborted.ts";
import { checkSender } from "./check-sender.ts";
import { type EmailContext, isOwnAddress, type SmtpInbox } from "./email-settings.ts";
import { mailRequest, type SenderCheck } from "./incoming-mail.ts";
import { type Dns, systemDns } from "./sender-dns.ts";

/** A mail server that takes mail in. */
export interface SmtpListener {
  readonly port: number;
  /** Takes no more mail; what is being taken is finished, for some seconds. */
  close(): Promise<void>;
}

/** What to tell a mail server that hands us a mail. */
class SmtpRefusal extends Error {
  readonly responseCode: number;

  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

const CLOSE_TIMEOUT_MS = 3_000;
const IDLE_TIMEOUT_MS = 60_000;
const MAX_CLIENTS = 200;
/** So many of the largest mails are held at a time, whoever sends them; small ones do not count. */
const LARGEST_AT_ONCE = 8;
const SMALL = 1 / 100;

/** Takes mail in until the signal aborts. */
export async function listenSmtp(
  context: EmailContext,
  inbox: SmtpInbox,
  receiver: Receiver,
  signal: AbortSignal,
): Promise<void> {
  const listener = await startSmtpListener(context, inbox, receiver);
  await aborted(signal);
  await listener.close();
}

/**
 * Starts a mail server. It says that it has taken a mail once that is durable, and not before: until then it is the sender's to
 * try again. @throws {Error} when the port can't be had
 */
export async function startSmtpListener(
  context: EmailContext,
  inbox: SmtpInbox,
  receiver: Receiver,
  dns: Dns = systemDns(),
): Promise<SmtpListener> {
  const { SMTPServer } = await import("smtp-server");
  const server = new SMTPServer({
    ...optionsOf(context, inbox),
    ...handlers(context, inbox, receiver, dns),
  });
  await new Promise<void>((resolve, reject) => {
    // Later errors are those of one client's session, and that client's trouble.
    server.on("error", reject);
    server.listen(inbox.port, inbox.host, resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function optionsOf({ settings, secrets }: EmailContext, inbox: SmtpInbox): SMTPServerOptions {
  const [key] = secrets["tlsKey"] ?? [];
  const hasTls = inbox.certificate !== undefined && key !== undefined;
  return {
    name: settings.from.slice(settings.from.lastIndexOf("@") + 1),
    size: inbox.maxBytes,
    // It takes mail for its own addresses only, so nobody signs in.
    authOptional: true,
    disabledCommands: hasTls ? ["AUTH"] : ["AUTH", "STARTTLS"],
    ...(hasTls ? { cert: inbox.certificate, key } : {}),
    disableReverseLookup: true,
    maxClients: MAX_CLIENTS,
    socketTimeout: IDLE_TIMEOUT_MS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    logger: false,
  };
}

function handlers(
  context: EmailContext,
  inbox: SmtpInbox,
  receiver: Receiver,
  dns: Dns,
): Pick<SMTPServerOptions, "onRcptTo" | "onData"> {
  const { maxBytes } = inbox;
  const budget = new BodyBudget(LARGEST_AT_ONCE * maxBytes, maxBytes * SMALL);
  return {
    onRcptTo({ address }, _session, done) {
      const isOurs = isOwnAddress(context.settings, address);
      done(isOurs ? null : new SmtpRefusal(550, "No such mailbox here"));
    },
    onData(stream, session, done) {
      const lease = budget.open();
      const taking = take({ context, maxBytes, receiver, dns, lease }, stream, session);
      taking
        .finally(() => lease.release())
        .then(
          () => done(null, "Taken"),
          (error: unknown) => {
            const known = error instanceof SmtpRefusal;
            done(known ? error : new SmtpRefusal(451, "Can't be stored now, try again later"));
          },
        );
    },
  };
}

interface Intake {
  readonly context: EmailContext;
  readonly maxBytes: number;
  readonly receiver: Receiver;
  readonly dns: Dns;
  readonly lease: BodyLease;
}

async function take(
  intake: Intake,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<void> {
  const { context, maxBytes, receiver, lease } = intake;
  const { envelope } = session;
  const chunks: Buffer[] = [];
  let isCrowded = false;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    isCrowded ||= !hasRoom(lease, chunk);
    // The rest is read and thrown away, since the sender hears no answer before its end.
    if (stream.sizeExceeded || isCrowded) {
      chunks.length = 0;
      lease.release();
    } else chunks.push(chunk);
  }
  if (stream.sizeExceeded) {
    throw new SmtpRefusal(552, `A mail may have at most ${maxBytes} bytes`);
  }
  if (isCrowded) throw new SmtpRefusal(452, "Too much mail at once, try again later");
  const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
  const to = envelope.rcptTo.map(({ address }) => address);
  const raw = new Uint8Array(Buffer.concat(chunks));
  const check = await checkOf(intake, raw, from, session);
  try {
    await receiver.receive(mailRequest(context.id, { from, to }, raw, check));
  } catch (error) {
    if (!(error instanceof AnywireError) || error.code !== "too_large") throw error;
    throw new SmtpRefusal(552, "The mail is larger than what is taken here");
  }
}

/** What is found out about who a mail is from. @throws {SmtpRefusal} when it is not to be taken */
async function checkOf(
  { context, dns }: Intake,
  raw: Uint8Array,
  from: string,
  { remoteAddress: ip, hostNameAppearsAs: helo }: SMTPServerSession,
): Promise<SenderCheck | undefined> {
  const { senderCheck } = context.settings;
  if (senderCheck === "off") return undefined;
  const { check, refusal } = await checkSender(raw, { ip, helo, from }, dns);
  if (senderCheck === "mark" || refusal === undefined) return check;
  if (!refusal.isFinal) throw new SmtpRefusal(451, `4.7.1 ${refusal.reason}`);
  // Mail servers that report a failure seldom prove who they are; their reports have another proof, which is looked at later.
  if (from === "") return "refused";
  throw new SmtpRefusal(550, `5.7.1 ${refusal.reason}`);
}

function hasRoom(lease: BodyLease, chunk: Buffer): boolean {
  try {
    lease.take(chunk.length);
    return true;
  } catch {
    return false;
  }
}
