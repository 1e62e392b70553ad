import type { InboundEvent } from "../contract/inbound-event.ts";
import type { SendContent, SendJob } from "../contract/send.ts";
import type { Simulator } from "../contract/simulator.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { email } from "./email-connector.ts";
import { type EmailContext, emailSettingsSchema } from "./email-settings.ts";
import { mailRequest } from "./incoming-mail.ts";

/** A time at which nothing in particular happens. */
export const NOW = Date.UTC(2026, 4, 4, 12);

/** A connection as its connector sees it. */
export function contextOf(
  settings: Readonly<Record<string, unknown>> = {},
  secrets: Readonly<Record<string, string | readonly string[]>> = { replyKey: "a key for tests" },
): EmailContext {
  return {
    id: "mail-main",
    platform: "production",
    settings: emailSettingsSchema.parse({
      from: "help@shop.test",
      smtp: { host: "127.0.0.1", port: 1 },
      replyAddress: "reply@shop.test",
      bounceAddress: "bounce@shop.test",
      // Nothing outside is asked about senders, unless a test brings its own names.
      senderCheck: "off",
      ...settings,
    }),
    secrets: Object.fromEntries(
      Object.entries(secrets).map(([name, value]) => [name, [value].flat()]),
    ),
    webhookUrl: "https://chat.test/v1/webhooks/mail-main",
    now: () => NOW,
  };
}

/** The connection that a simulator wants. */
export function contextFor(
  simulator: Simulator,
  settings: Readonly<Record<string, unknown>> = {},
): EmailContext {
  return { ...contextOf({ ...simulator.settings, ...settings }, simulator.secrets), now: Date.now };
}

/** A message to send. */
export function jobOf(
  job: Partial<Omit<SendJob, "content">> = {},
  content: Partial<SendContent> = {},
): SendJob {
  const text = content.text ?? "Your parcel is here.";
  return {
    deliveryId: "d1",
    messageId: "m1",
    channel: "production.email.c1",
    title: "Your parcel",
    to: "email:ann@example.org",
    senderName: "Bob",
    references: [],
    kind: "conversational",
    attempt: 1,
    signal: new AbortController().signal,
    ...job,
    content: { text, media: [], message: text === "" ? {} : { text }, ...content },
  };
}

/** A mail as it comes over the wire; lines end as lines of mail do. */
export function rawMail(...lines: readonly string[]): Uint8Array {
  return new Uint8Array(Buffer.from(lines.join("\r\n")));
}

/** What a mail tells, that a listener took in. */
export function eventsOf(
  raw: Uint8Array,
  {
    to = ["help@shop.test"],
    from = "ann@example.org",
    context = contextOf(),
  }: { to?: readonly string[]; from?: string; context?: EmailContext } = {},
): Promise<readonly InboundEvent[]> {
  return email.parse(mailRequest("mail-main", { from, to }, raw), context);
}

/** Keeps what a listener hears. */
export class Inbox {
  readonly requests: WebhookRequest[] = [];
  cursor: string | undefined;
  /** What storing does before it is done. */
  store: () => Promise<void> = async () => undefined;

  async receive(request: WebhookRequest): Promise<void> {
    await this.store();
    this.requests.push(request);
  }

  async loadCursor(): Promise<string | undefined> {
    return this.cursor;
  }

  async saveCursor(cursor: string): Promise<void> {
    this.cursor = cursor;
  }

  /** All that the requests tell. */
  async events(context: EmailContext): Promise<readonly InboundEvent[]> {
    const events = await Promise.all(this.requests.map((one) => email.parse(one, context)));
    return events.flat();
  }
}
