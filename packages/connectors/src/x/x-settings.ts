import { z } from "zod";
import type { SecretField } from "../contract/connector.ts";

/** Settings of a connection to X. */
export const xSettingsSchema = z.strictObject({
  accountId: z
    .string()
    .regex(/^\d{1,19}$/, "must be the number of the account, not its name")
    .describe(
      "The number of the account that messages are sent from and come to, such as 2244994945: GET /2/users/me tells it.",
    ),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default("https://api.x.com")
    .describe("Where the API is."),
});

/** Settings of a connection to X. */
export type XSettings = z.infer<typeof xSettingsSchema>;

/**
 * Secrets of a connection to X. Tokens of OAuth 1.0a hold until they are revoked. Those of OAuth 2.0 hold for two hours, and what
 * renews them changes with each use: whoever takes them has to rotate `accessToken` in time.
 */
export const X_SECRETS: readonly SecretField[] = [
  {
    name: "consumerSecret",
    description:
      "The app's API key secret, with which X signs what it brings: https://console.x.com has it under the app's Keys and tokens.",
    isRequired: true,
  },
  {
    name: "accessToken",
    description:
      "The account's access token, with the right to read and write direct messages: Keys and tokens has it for the app's own account.",
    isRequired: true,
  },
  {
    name: "accessTokenSecret",
    description:
      "The secret of that access token. Leave it out when the token is one of OAuth 2.0, which ends after two hours.",
    isRequired: false,
  },
  {
    name: "consumerKey",
    description:
      "The app's API key, needed with accessTokenSecret: it is beside the API key secret under Keys and tokens.",
    isRequired: false,
  },
];
