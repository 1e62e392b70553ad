import { z } from "zod";
import type { ConnectionContext } from "../contract/context.ts";

const port = z.int().min(0).max(65_535);
const host = z.string().min(1).max(253);
/** What stands in a header and in the envelope as it is. */
const mailbox = z
  .string()
  .max(254)
  .regex(
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
    "must be a mailbox, such as help@example.org",
  );

/** What a signed delivery leaves of the 64 characters that may stand before the `@`. */
const MAX_BOUNCE_MAILBOX = 26;

const smtpInbox = z.strictObject({
  kind: z.literal("smtp"),
  host: host.default("0.0.0.0").describe("The address to listen at."),
  port: port.describe(
    "The port to listen at, such as 25. Each connection has its own; 0 takes a free one.",
  ),
  maxBytes: z
    .int()
    .min(1024)
    .max(104_857_600)
    .default(26_214_400)
    .describe("The largest mail that is taken, in bytes."),
  certificate: z
    .string()
    .max(65_536)
    .optional()
    .describe("The certificate for STARTTLS, PEM; its key is the secret `tlsKey`."),
});

const imapInbox = z.strictObject({
  kind: z.literal("imap"),
  host: host.describe("The mail server."),
  port: port.default(993).describe("Its port."),
  isSecure: z.boolean().default(true).describe("Whether TLS is spoken from the start."),
  user: z.string().min(1).max(254).describe("Who signs in; the password is `imapPassword`."),
  mailbox: z.string().min(1).max(256).default("INBOX").describe("The folder that is watched."),
  maxBytes: z
    .int()
    .min(1024)
    .max(104_857_600)
    .default(26_214_400)
    .describe("The largest mail that is taken, in bytes; larger ones stay where they are."),
  authservId: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,253}$/, "must be a name, such as mx.example.org")
    .optional()
    .describe(
      "The name under which the mailbox's server notes in `Authentication-Results` who a mail is from, such as `mx.example.org`: what it notes is believed. Default: only signatures (DKIM) prove it.",
    ),
});

const webhookInbox = z.strictObject({
  kind: z.literal("webhook"),
  provider: z
    .enum(["mailgun", "postmark"])
    .describe("The provider that takes mail in and calls the connection's webhook."),
});

/** Settings of an email connection. */
export const emailSettingsSchema = z.strictObject({
  from: mailbox.describe("The address that mail comes from, such as `help@example.org`."),
  fromName: z
    .string()
    .max(128)
    .optional()
    .describe("The name beside it; default that of whoever wrote the message."),
  domain: host.optional().describe("The domain in ids of messages; default that of `from`."),
  smtp: z
    .strictObject({
      host: host.describe("The mail server that takes mail for others."),
      port: port.default(587).describe("Its port, such as 587 or 465."),
      isSecure: z
        .boolean()
        .default(false)
        .describe("Whether TLS is spoken from the start, as at port 465."),
      requireTls: z
        .boolean()
        .default(false)
        .describe("Whether nothing is sent to a server that offers no STARTTLS."),
      user: z
        .string()
        .min(1)
        .max(254)
        .optional()
        .describe("Who signs in, with the secret `password`; absent for nobody."),
      maxConnections: z
        .int()
        .min(1)
        .max(100)
        .default(5)
        .describe("How many connections are open to it at once."),
    })
    .describe("Where mail goes out."),
  replyAddress: mailbox
    .optional()
    .describe(
      "The mailbox that answers come to, such as `reply@example.org`: a token that names the channel is put behind a `+`. Needs the secret `replyKey`.",
    ),
  bounceAddress: mailbox
    .refine(
      (address) => address.lastIndexOf("@") <= MAX_BOUNCE_MAILBOX,
      `must have at most ${MAX_BOUNCE_MAILBOX} characters before the @: what is put behind them must fit, too`,
    )
    .optional()
    .describe(
      "The mailbox that reports of failure come to, such as `bounce@example.org`, with at most 26 characters before the `@`: the delivery's id is put behind a `+`, signed with the secret `replyKey`. With both, a report that comes to no such address is not believed.",
    ),
  addresses: z
    .array(z.union([mailbox, z.string().regex(/^@[A-Za-z0-9.-]+$/)]))
    .max(100)
    .default([])
    .describe("Other addresses that mail is taken for, or whole domains, such as `@example.org`."),
  unsubscribeUrl: z
    .url({ protocol: /^https$/ })
    .max(1024)
    .optional()
    .describe(
      "Where one request ends bulk mail, as RFC 8058 says; `{address}` and `{delivery}` are filled in.",
    ),
  readReceipts: z.boolean().default(false).describe("Whether readers are asked to confirm."),
  senderCheck: z
    .enum(["refuse", "mark", "off"])
    .default("refuse")
    .describe(
      "What happens where mail does not prove to be from the domain that it says (SPF, DKIM, DMARC): `mark`: its message says so in `meta.senderCheck`. `refuse`: besides, our own mail server does not take mail that the domain itself wants refused. `off`: nobody looks.",
    ),
  inbound: z
    .discriminatedUnion("kind", [smtpInbox, imapInbox, webhookInbox])
    .optional()
    .describe("Where mail comes in; absent for mail that only goes out."),
});

/** Settings of an email connection. */
export type EmailSettings = z.infer<typeof emailSettingsSchema>;

/** An email connection, as its connector sees it. */
export type EmailContext = ConnectionContext<EmailSettings>;

/** Mail is taken in by our own server. */
export type SmtpInbox = z.infer<typeof smtpInbox>;

/** Mail is fetched from a mailbox. */
export type ImapInbox = z.infer<typeof imapInbox>;

/** The domain in ids of messages. */
export function domainOf({ from, domain }: EmailSettings): string {
  return (domain ?? from.slice(from.lastIndexOf("@") + 1)).toLowerCase();
}

/** An address as it is compared: in small letters, without what stands behind a `+`. */
export function plainMailbox(address: string): string {
  const small = address.trim().toLowerCase();
  const at = small.lastIndexOf("@");
  const plus = small.indexOf("+");
  return plus > 0 && plus < at ? small.slice(0, plus) + small.slice(at) : small;
}

/** Whether mail to an address is for this connection. */
export function isOwnAddress(settings: EmailSettings, address: string): boolean {
  const plain = plainMailbox(address);
  const { from, replyAddress, bounceAddress, addresses } = settings;
  return [from, replyAddress, bounceAddress, ...addresses].some((own) => {
    if (own === undefined) return false;
    return own.startsWith("@") ? plain.endsWith(own.toLowerCase()) : plainMailbox(own) === plain;
  });
}

/** Whether a mail from an address is one that this connection sent: colleagues in the same domain are people. */
export function isOwnSender(
  { from, replyAddress, bounceAddress }: EmailSettings,
  address: string,
): boolean {
  const plain = plainMailbox(address);
  return [from, replyAddress, bounceAddress].some(
    (own) => own !== undefined && plainMailbox(own) === plain,
  );
}
