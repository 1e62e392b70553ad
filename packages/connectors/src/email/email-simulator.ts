import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { Handset, Simulator, SimulatorOptions } from "../contract/simulator.ts";
import { Faults, SHARED_FAULTS } from "../simulator/faults.ts";
import { HandsetStore } from "../simulator/handset-store.ts";
import { type OutgoingWebhook, WebhookSender } from "../simulator/webhook-sender.ts";
import { type IncomingMail, messageIds, readMime } from "./incoming-mail.ts";
import { replyText } from "./reply-text.ts";
import { startSimulatedMailServer } from "./simulated-mail-server.ts";
import {
  composeBounce,
  composePersonMail,
  composeReadReceipt,
  type OutgoingMail,
  type ReceivedMail,
} from "./simulator-mail.ts";

const BUSINESS = "help@anywire.test";
const USER = "anywire";
const PERSON = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
/** Mails of which it is known how to answer them. */
const MAX_RECEIVED = 10_000;

/** Starts a fake of the world's mail: a server that mail goes out through, mailboxes of persons, and their mail programs. */
export async function createEmailSimulator(options: SimulatorOptions): Promise<Simulator> {
  const password = randomBytes(12).toString("hex");
  const inboundPort = await freePort();
  const world = new World(options, inboundPort);
  const server = await startSimulatedMailServer({
    user: USER,
    password,
    faults: world.faults,
    onMail: (envelope, raw) => world.take(envelope, raw),
  });
  return {
    settings: {
      from: BUSINESS,
      smtp: { host: "127.0.0.1", port: server.port, user: USER },
      replyAddress: "reply@anywire.test",
      bounceAddress: "bounce@anywire.test",
      // So that whoever reads on the handset is seen to have read.
      readReceipts: true,
      inbound: { kind: "smtp", host: "127.0.0.1", port: inboundPort },
      // Its persons are at whatever domains they like, and it stands for all their mail servers.
      senderCheck: "off",
    },
    secrets: { password, replyKey: randomBytes(24).toString("hex") },
    handset: world,
    get accepted() {
      return world.accepted;
    },
    faults: [...SHARED_FAULTS, "fail_later"],
    inject: (fault) => world.faults.inject(fault),
    idle: () => world.idle(),
    async close() {
      await Promise.all([world.close(), server.close()]);
    },
  };
}

/** The mailboxes of all persons, and what they do with their mail. */
class World implements Handset {
  readonly identity = { label: "a mailbox", example: "ann@example.org" };
  readonly business = BUSINESS;
  readonly faults = new Faults();
  readonly #options: SimulatorOptions;
  readonly #store = new HandsetStore();
  readonly #sender: WebhookSender;
  readonly #inboundPort: number;
  readonly #received = new Map<string, ReceivedMail>();
  accepted = 0;

  constructor(options: SimulatorOptions, inboundPort: number) {
    this.#options = options;
    this.#inboundPort = inboundPort;
    this.#sender = new WebhookSender(this.faults, deliver);
  }

  persons(): readonly string[] {
    return this.#store.persons();
  }

  messages(person: string): ReturnType<Handset["messages"]> {
    return this.#store.messages(person.toLowerCase());
  }

  async write(given: string, draft: Parameters<Handset["write"]>[1]): ReturnType<Handset["write"]> {
    const person = given.trim().toLowerCase();
    if (!PERSON.test(person)) throw new Error(`${JSON.stringify(given)} is no mailbox`);
    const answered = draft.replyTo === undefined ? undefined : this.#received.get(draft.replyTo);
    const mail = await composePersonMail(person, BUSINESS, draft, answered);
    const { media } = draft;
    const message = this.#store.add({
      id: mail.messageId,
      person,
      direction: "out",
      business: BUSINESS,
      text: draft.text,
      media: media === undefined ? [] : [{ ...media, url: dataUrl(media) }],
      ...(draft.subject === undefined ? {} : { subject: draft.subject }),
      ...(draft.replyTo === undefined ? {} : { replyTo: draft.replyTo }),
      at: Date.now(),
      status: "sent",
    });
    this.#send(mail, 0);
    return message;
  }

  async read(given: string): Promise<void> {
    const person = given.toLowerCase();
    for (const { id, direction, status } of this.#store.messages(person)) {
      if (direction !== "in" || status === "read" || status === "failed") continue;
      this.#store.change(id, { status: "read" });
      const mail = this.#received.get(id);
      if (mail?.receiptTo === undefined) continue;
      this.#send(composeReadReceipt(mail, mail.receiptTo), this.#options.receiptDelayMs ?? 0);
    }
  }

  onChange(listener: (person: string) => void): () => void {
    return this.#store.onChange(listener);
  }

  /** A mail of the product's has come. */
  async take(envelope: { readonly from: string; readonly to: string }, raw: Buffer): Promise<void> {
    const mail = await readMime(raw, { from: envelope.from, to: [envelope.to] });
    const person = envelope.to.toLowerCase();
    const received = receivedMail(mail, person, envelope.from);
    this.#received.set(received.messageId, received);
    const [oldest] = this.#received.keys();
    if (this.#received.size > MAX_RECEIVED && oldest !== undefined) this.#received.delete(oldest);
    this.accepted += 1;
    const willFail = this.faults.take("fail_later") !== undefined;
    const [answered] = mail.inReplyTo;
    this.#store.add({
      id: received.messageId,
      person,
      direction: "in",
      business: mail.from?.address ?? envelope.from,
      text: await replyText(mail),
      media: mail.attachments.map((one, index) => ({
        name: one.name ?? `attachment-${index + 1}`,
        mimeType: one.mimeType,
        url: dataUrl(one),
      })),
      subject: mail.subject,
      ...(answered === undefined ? {} : { replyTo: answered }),
      at: received.at,
      status: willFail ? "failed" : "delivered",
    });
    if (willFail) this.#send(composeBounce(received), this.#options.receiptDelayMs ?? 0);
    else if (this.#options.readsAtOnce === true) await this.read(person);
  }

  idle(): Promise<void> {
    return this.#sender.idle();
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  #send({ envelopeFrom, envelopeTo, raw }: OutgoingMail, delayMs: number): void {
    const mail = {
      url: `smtp://127.0.0.1:${this.#inboundPort}`,
      headers: { from: envelopeFrom, to: envelopeTo },
      body: raw,
    };
    this.#sender.sendLater(delayMs, () => mail);
  }
}

function receivedMail(mail: IncomingMail, person: string, envelopeFrom: string): ReceivedMail {
  const { messageId, subject, references, text } = mail;
  const from = mail.from?.address ?? envelopeFrom;
  const name = mail.from?.name ?? "";
  const answerTo = addressIn(mail.header("reply-to")) ?? from;
  return {
    messageId,
    person,
    envelopeFrom,
    answerTo,
    from: name === "" ? from : `${name} <${from}>`,
    subject,
    references,
    text,
    at: Date.now(),
    receiptTo: addressIn(mail.header("disposition-notification-to")),
  };
}

function addressIn(header: string | undefined): string | undefined {
  return messageIds(header)[0]?.slice(1, -1) ?? (header === "" ? undefined : header);
}

function dataUrl({ mimeType, bytes }: { mimeType: string; bytes: Uint8Array }): string {
  return `data:${mimeType};base64,${Buffer.from(bytes).toString("base64")}`;
}

/** Hands a mail over to the product's own mail server. */
async function deliver(
  { url, headers, body }: OutgoingWebhook,
  signal: AbortSignal,
): Promise<boolean> {
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({ url, ignoreTLS: true, logger: false });
  const { from = "", to = "" } = headers;
  try {
    await transport.sendMail({
      // An empty sender is one, too: nobody shall answer.
      envelope: { from: from === "" ? false : from, to },
      raw: Buffer.from(body, "latin1"),
      signal,
    });
    return true;
  } catch {
    return false;
  } finally {
    transport.close();
  }
}

/** A port that is free now: whoever listens at it next is the product. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
