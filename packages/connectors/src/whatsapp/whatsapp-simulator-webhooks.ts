import { createHash } from "node:crypto";
import type { HandsetDraft, SimulatorOptions } from "../contract/simulator.ts";
import { type Faults, WebhookSender } from "../simulator/index.ts";
import { whatsappError } from "./whatsapp-errors.ts";
import { signWhatsapp } from "./whatsapp-signature.ts";

/** The number that the webhooks are about. */
interface Business {
  readonly phoneNumberId: string;
  readonly business: string;
  readonly appSecret: string;
}

/** How far a message has come. */
interface StatusFacts {
  readonly id: string;
  readonly person: string;
  readonly status: string;
  readonly code: number | undefined;
  /** What the message gave along. */
  readonly data: string | undefined;
}

const TYPE_BY_MIME: Readonly<Record<string, string>> = {
  image: "image",
  audio: "audio",
  video: "video",
};

/** Meta's webhooks, with the ids that it knows persons by. */
export class WhatsappWebhooks {
  readonly #options: SimulatorOptions;
  readonly #business: Business;
  readonly #sender: WebhookSender;
  /** Ids of numbers that their persons have given up. */
  readonly #retired = new Set<string>();

  constructor(options: SimulatorOptions, faults: Faults, business: Business) {
    this.#options = options;
    this.#business = business;
    this.#sender = new WebhookSender(faults);
  }

  idle(): Promise<void> {
    return this.#sender.idle();
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  /** The number of the person with that id; undefined when it is nobody's, or not any more. */
  numberOf(userId: string): string | undefined {
    return this.#retired.has(userId) ? undefined : numberOf(userId);
  }

  message(person: string, id: string, draft: HandsetDraft, mediaId: string | undefined): void {
    const { text, media, replyTo } = draft;
    const context =
      replyTo === undefined
        ? {}
        : { context: { from: this.#business.business.slice(1), id: replyTo } };
    if (media === undefined || mediaId === undefined) {
      this.#messages(person, { id, ...context, type: "text", text: { body: text } });
      return;
    }
    const type = TYPE_BY_MIME[media.mimeType.split("/")[0] ?? ""] ?? "document";
    const hasCaption = text !== "" && type !== "audio";
    const content = {
      ...(hasCaption ? { caption: text } : {}),
      ...(type === "document" ? { filename: media.name } : {}),
      mime_type: media.mimeType,
      sha256: createHash("sha256").update(media.bytes).digest("base64"),
      id: mediaId,
    };
    this.#messages(person, { id, ...context, type, [type]: content });
  }

  reaction(person: string, id: string, messageId: string, emoji: string | null): void {
    const reaction = { message_id: messageId, ...(emoji === null ? {} : { emoji }) };
    this.#messages(person, { id, type: "reaction", reaction });
  }

  /** A new number makes a new id; what was sent to the old one is no longer theirs. */
  newNumber(person: string, to: string, id: string): void {
    const previous_user_id = userIdOf(person);
    this.#retired.add(previous_user_id);
    this.#retired.delete(userIdOf(to));
    const system = {
      body: `User ${person} changed from ${person.slice(1)} to ${to.slice(1)}`,
      wa_id: to.slice(1),
      user_id: userIdOf(to),
      previous_user_id,
      type: "user_changed_number",
    };
    // A message of this type comes without contacts.
    const message = { from: person.slice(1), id, timestamp: seconds(), type: "system", system };
    this.#post({ messages: [message] });
  }

  status({ id, person, status, code, data }: StatusFacts, delayMs: number): void {
    const error = code === undefined ? undefined : whatsappError(code).reason;
    const errors = [
      {
        code,
        title: error,
        message: error,
        error_data: { details: error },
        href: "https://developers.facebook.com",
      },
    ];
    const told = {
      id,
      status,
      timestamp: seconds(),
      recipient_id: person.slice(1),
      recipient_user_id: userIdOf(person),
      ...(data === undefined ? {} : { biz_opaque_callback_data: data }),
      ...(code === undefined
        ? {
            pricing: {
              billable: true,
              pricing_model: "PMP",
              category: "service",
              type: "free_customer_service",
            },
          }
        : { errors }),
    };
    this.#post({ statuses: [told] }, delayMs);
  }

  #messages(person: string, message: Readonly<Record<string, unknown>>): void {
    const wa_id = person.slice(1);
    const user_id = userIdOf(person);
    this.#post({
      contacts: [{ profile: { name: person }, wa_id, user_id }],
      messages: [{ from: wa_id, from_user_id: user_id, timestamp: seconds(), ...message }],
    });
  }

  #post(value: Readonly<Record<string, unknown>>, delayMs = 0): void {
    const { phoneNumberId, business, appSecret } = this.#business;
    const metadata = { display_phone_number: business.slice(1), phone_number_id: phoneNumberId };
    const change = {
      value: { messaging_product: "whatsapp", metadata, ...value },
      field: "messages",
    };
    const entry = [{ id: "102290129340398", changes: [change] }];
    const body = asMetaWrites({ object: "whatsapp_business_account", entry });
    const headers = {
      "content-type": "application/json",
      "user-agent": "facebookexternalua",
      "x-hub-signature-256": signWhatsapp(appSecret, body),
    };
    this.#sender.sendLater(delayMs, () => ({ url: this.#options.webhookUrl, headers, body }));
  }
}

/** A digit moved by so much: an id must not look like its number, and must give it after a restart, when products know it still. */
const SHIFT = 7;

function userIdOf(person: string): string {
  return `US.1${shifted(person.slice(1), SHIFT)}`;
}

function numberOf(userId: string): string | undefined {
  const digits = /^US\.1(\d{7,15})$/.exec(userId)?.[1];
  return digits === undefined ? undefined : `+${shifted(digits, 10 - SHIFT)}`;
}

function shifted(digits: string, by: number): string {
  return digits.replace(/\d/g, (digit) => String((Number(digit) + by) % 10));
}

/** Meta escapes slashes and all that is not ASCII: whoever reads it and writes it anew has other bytes than were signed. */
function asMetaWrites(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("/", "\\/")
    .replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function seconds(): string {
  return String(Math.floor(Date.now() / 1000));
}
