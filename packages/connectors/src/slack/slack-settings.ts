import { z } from "zod";
import type { SecretField } from "../contract/connector.ts";

/** Settings of a connection to Slack. */
export const slackSettingsSchema = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default("https://slack.com/api/")
    .describe("Where the Web API is: Slack's own, or that of GovSlack."),
});

/** Settings of a connection to Slack. */
export type SlackSettings = z.infer<typeof slackSettingsSchema>;

/** Secrets of a connection to Slack. */
export const SLACK_SECRETS: readonly SecretField[] = [
  {
    name: "botToken",
    description:
      "The bot's token, which begins with xoxb-: on https://api.slack.com/apps the app's page OAuth & Permissions has it, once it is installed.",
    isRequired: true,
  },
  {
    name: "signingSecret",
    description:
      "What Slack signs its requests with: on https://api.slack.com/apps the app's page Basic Information has it, under App Credentials.",
    isRequired: true,
  },
];
