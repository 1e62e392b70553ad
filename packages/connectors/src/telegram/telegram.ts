import { z } from "zod";
import type {
  DeletingConnector,
  EditingConnector,
  HealthConnector,
  InstallingConnector,
  ListeningConnector,
  MediaConnector,
  ReactingConnector,
  TypingConnector,
} from "../contract/abilities.ts";
import type { Connector } from "../contract/connector.ts";
import type { ConnectionContext } from "../contract/context.ts";
import { secretOf } from "../contract/context.ts";
import { whyNotAsked } from "../wire/never-left.ts";
import { isOneOf } from "../wire/same-secret.ts";
import { callTelegram } from "./telegram-api.ts";
import { fetchFromTelegram } from "./telegram-media.ts";
import { parseTelegram } from "./telegram-parse.ts";
import { pollTelegram } from "./telegram-poll.ts";
import {
  chatOf,
  deleteOnTelegram,
  editOnTelegram,
  MAX_FILE_BYTES,
  MAX_TEXT,
  reactOnTelegram,
  sendToTelegram,
} from "./telegram-send.ts";
import {
  TELEGRAM_REACTIONS,
  TELEGRAM_SECRETS,
  TELEGRAM_UPDATES,
  type TelegramSettings,
  telegramSettingsSchema,
} from "./telegram-settings.ts";

/** The header that has what was agreed on. @see https://core.telegram.org/bots/api#setwebhook */
const SECRET_HEADER = "x-telegram-bot-api-secret-token";
const TWO_DAYS_MS = 172_800_000;
/** How long ago a webhook failed is still of interest, ms. */
const RECENT_MS = 900_000;

const webhookSchema = z.object({
  url: z.string(),
  last_error_date: z.int().optional(),
  last_error_message: z.string().optional(),
});

/** A bot on Telegram: conversations with one person each, who must have written first. @see https://core.telegram.org/bots/api */
export const telegram: Connector<TelegramSettings> &
  EditingConnector &
  DeletingConnector &
  ReactingConnector &
  TypingConnector &
  MediaConnector &
  HealthConnector &
  InstallingConnector &
  ListeningConnector = {
  id: "telegram",
  version: "1.0.0",
  displayName: "Telegram",
  network: "telegram",
  channelType: {
    name: "telegram",
    identity: "participants",
    network: "telegram",
    description: "A Telegram chat.",
  },
  configSchema: telegramSettingsSchema,
  secrets: TELEGRAM_SECRETS,
  freeSettings: ["mode"],
  addressKinds: ["telegram"],
  policy: {
    bulkAllowed: true,
    keywords: {
      out: ["stop", "/stop"],
      in: ["start", "/start"],
      help: ["help", "/help"],
    },
    notes:
      "A bot may write only to those who wrote to it first. More than 30 messages a second have to be paid for (https://core.telegram.org/bots/faq#broadcasting-to-users).",
  },
  limits: [
    { scope: "connection", rate: 30, perMs: 1000, burst: 1, unit: "message" },
    { scope: "recipient", rate: 1, perMs: 1000, burst: 5, unit: "message" },
  ],
  capabilities: () => {
    const file = { level: "full", maxBytes: MAX_FILE_BYTES } as const;
    return {
      text: { maxLength: MAX_TEXT, formatting: "dropped" },
      media: { image: file, audio: file, video: file, file },
      maxMedia: 10,
      location: "full",
      reply: "full",
      edit: { maxAgeMs: TWO_DAYS_MS },
      delete: { maxAgeMs: TWO_DAYS_MS },
      reactions: TELEGRAM_REACTIONS,
      receipts: { sent: false, delivered: false, read: false },
      typing: true,
      canStart: false,
      idempotency: "none",
    };
  },
  verify({ method, headers }, { secrets }) {
    const given = headers[SECRET_HEADER];
    if (method !== "POST") return { isGenuine: false, reason: "webhooks of Telegram are POST" };
    if (given === undefined) {
      return { isGenuine: false, reason: `the header ${SECRET_HEADER} is missing` };
    }
    if (isOneOf(given, secrets["webhookSecret"] ?? [])) return { isGenuine: true };
    return { isGenuine: false, reason: `the header ${SECRET_HEADER} has another secret` };
  },
  parse: async (request, context) => parseTelegram(request, context),
  send: sendToTelegram,
  edit: (job, context) => editOnTelegram(job, known(context)),
  delete: (job, context) => deleteOnTelegram(job, known(context)),
  react: (job, context) => reactOnTelegram(job, known(context)),
  async typing({ to, signal }, context) {
    const payload = { chat_id: chatOf(to), action: "typing" };
    await callTelegram(known(context), "sendChatAction", payload, signal);
  },
  fetchMedia: (media, context, signal) => fetchFromTelegram(media, known(context), signal),
  health: (context, signal) => healthOf(known(context), signal),
  async install(context, signal) {
    const { mode } = known(context).settings;
    const [method, payload] =
      mode === "polling" ? ["deleteWebhook", {}] : ["setWebhook", webhookOf(context)];
    const answer = await callTelegram(known(context), method, payload, signal);
    if (!answer.isOk) throw new Error(whyNotAsked("Telegram", answer.failure));
  },
  async uninstall(context, signal) {
    const answer = await callTelegram(known(context), "deleteWebhook", {}, signal);
    if (!answer.isOk) throw new Error(whyNotAsked("Telegram", answer.failure));
  },
  listen: (context, receiver, signal) => pollTelegram(known(context), receiver, signal),
  simulator: async () => (await import("./telegram-simulator.ts")).createTelegramSimulator,
  fixtures: async () => (await import("./telegram-fixtures.ts")).telegramFixtures,
};

/** The host gives abilities what `configSchema` made of the settings, too. */
function known(context: ConnectionContext): ConnectionContext<TelegramSettings> {
  return { ...context, settings: telegramSettingsSchema.parse(context.settings) };
}

function webhookOf(context: ConnectionContext): object {
  return {
    url: context.webhookUrl,
    secret_token: secretOf(context, "webhookSecret"),
    allowed_updates: TELEGRAM_UPDATES,
  };
}

async function healthOf(
  context: ConnectionContext<TelegramSettings>,
  signal: AbortSignal,
): ReturnType<HealthConnector["health"]> {
  const answer = await callTelegram(context, "getWebhookInfo", {}, signal);
  if (!answer.isOk) {
    const { failure } = answer;
    const isAuth = failure.outcome === "rejected" && failure.class === "auth";
    const humanAction = isAuth ? "relogin" : "none";
    return { state: "down", reason: whyNotAsked("Telegram", failure), humanAction };
  }
  const webhook = webhookSchema.parse(answer.result);
  const reason = complaint(webhook, context);
  return { state: reason === null ? "ok" : "degraded", reason, humanAction: "none" };
}

function complaint(
  { url, last_error_date = 0, last_error_message }: z.infer<typeof webhookSchema>,
  { settings, webhookUrl, now }: ConnectionContext<TelegramSettings>,
): string | null {
  const wanted = settings.mode === "webhook" ? webhookUrl : "";
  if (url !== wanted) {
    return "Telegram brings messages to another place; disable and enable the connection";
  }
  const isRecent = now() - last_error_date * 1000 < RECENT_MS;
  if (last_error_message === undefined || !isRecent) return null;
  return `Telegram could not bring messages lately: ${JSON.stringify(last_error_message.slice(0, 200))}`;
}
