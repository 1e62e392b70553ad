import { z } from "zod";
import type { SecretField } from "../contract/connector.ts";

const accountSid = z
  .string()
  .regex(/^AC[0-9a-fA-F]{32}$/, "must be AC and 32 hexadecimal digits")
  .describe("The account's SID, on the first page of the Twilio Console; begins with AC.");

const apiKeySid = z
  .string()
  .regex(/^SK[0-9a-fA-F]{32}$/, "must be SK and 32 hexadecimal digits")
  .optional()
  .describe(
    "The SID of an API key to send with instead of the auth token; begins with SK. Needs the secret `apiKeySecret`.",
  );

const messagingServiceSid = z
  .string()
  .regex(/^MG[0-9a-fA-F]{32}$/, "must be MG and 32 hexadecimal digits")
  .optional()
  .describe("The Messaging Service that chooses the sender; begins with MG.");

const baseUrl = z
  .url({ protocol: /^https?$/ })
  .default("https://api.twilio.com")
  .describe("Where Twilio's API is: another edge, such as https://api.dublin.ie1.twilio.com.");

const validityPeriodSeconds = z
  .int()
  .min(1)
  .max(36_000)
  .optional()
  .describe(
    "How long Twilio may keep a message in its queue, in seconds. Twilio's default is 36,000.",
  );

const NO_SENDER = { error: "needs `from` or `messagingServiceSid`" };

function hasSender(settings: {
  from?: string | undefined;
  messagingServiceSid?: string | undefined;
}) {
  return settings.from !== undefined || settings.messagingServiceSid !== undefined;
}

/** Settings of a connection of Twilio SMS. */
export const twilioSmsSettingsSchema = z
  .strictObject({
    accountSid,
    apiKeySid,
    from: z
      .string()
      .regex(
        /^(?:\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 &_+-]{1,11})$/,
        "must be a number such as +15005550006, a short code or a name of at most 11 characters",
      )
      .optional()
      .describe(
        "The number, short code or name that is the sender. Either this or a Messaging Service.",
      ),
    messagingServiceSid,
    sendsMedia: z
      .boolean()
      .default(true)
      .describe(
        "Whether the sender can send MMS, as numbers of the USA, Canada and Australia can. If not, media go as links.",
      ),
    smartEncoded: z
      .boolean()
      .default(false)
      .describe(
        "Whether Twilio replaces characters such as curly quotes that would make a message longer.",
      ),
    validityPeriodSeconds,
    baseUrl,
  })
  .refine(hasSender, NO_SENDER);

/** Settings of a connection of Twilio SMS. */
export type TwilioSmsSettings = z.infer<typeof twilioSmsSettingsSchema>;

/** Settings of a connection of WhatsApp over Twilio. */
export const twilioWhatsappSettingsSchema = z
  .strictObject({
    accountSid,
    apiKeySid,
    from: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, "must be a number such as +14155238886")
      .optional()
      .describe("The WhatsApp sender's number. Either this or a Messaging Service."),
    messagingServiceSid,
    validityPeriodSeconds,
    baseUrl,
  })
  .refine(hasSender, NO_SENDER);

/** Settings of a connection of WhatsApp over Twilio. */
export type TwilioWhatsappSettings = z.infer<typeof twilioWhatsappSettingsSchema>;

/** What all connections to Twilio have. */
export type TwilioSettings = Omit<TwilioWhatsappSettings, "from"> & {
  readonly from?: string | undefined;
  readonly smartEncoded?: boolean | undefined;
};

/** Secrets of a connection to Twilio. */
export const TWILIO_SECRETS: readonly SecretField[] = [
  {
    name: "authToken",
    description:
      "The account's auth token, on the first page of the Twilio Console. Twilio signs its webhooks with it, so it is needed beside an API key, too.",
    isRequired: true,
  },
  {
    name: "apiKeySecret",
    description:
      "The secret of the API key in `apiKeySid`, shown once when the key is made: Twilio Console, Account, API keys & tokens.",
    isRequired: false,
  },
];
