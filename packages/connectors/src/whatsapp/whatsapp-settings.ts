import { z } from "zod";
import type { SecretField } from "../contract/connector.ts";

/** Settings of a connection to WhatsApp's Cloud API. */
export const whatsappSettingsSchema = z.strictObject({
  phoneNumberId: z
    .string()
    .regex(/^\d{5,32}$/, "must be digits: the number's id, not the number")
    .describe("The id of the business number: Meta App Dashboard, WhatsApp, API Setup."),
  apiVersion: z
    .string()
    .regex(/^v\d{1,3}\.\d{1,2}$/, "must be such as v25.0")
    .default("v25.0")
    .describe("The version of Meta's Graph API."),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default("https://graph.facebook.com")
    .describe("Where Meta's Graph API is."),
});

/** Settings of a connection to WhatsApp's Cloud API. */
export type WhatsappSettings = z.infer<typeof whatsappSettingsSchema>;

/** Secrets of a connection to WhatsApp's Cloud API. */
export const WHATSAPP_SECRETS: readonly SecretField[] = [
  {
    name: "accessToken",
    description:
      "A token of a system user with whatsapp_business_messaging: Meta Business settings, Users, System users, Generate token.",
    isRequired: true,
  },
  {
    name: "appSecret",
    description:
      "The app's secret, with which Meta signs its webhooks: Meta App Dashboard, App settings, Basic.",
    isRequired: true,
  },
  {
    name: "verifyToken",
    description:
      "A word of your own choice, given to Meta beside the webhook URL: Meta App Dashboard, WhatsApp, Configuration, Verify token.",
    isRequired: true,
  },
];
