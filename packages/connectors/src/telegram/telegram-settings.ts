import { z } from "zod";
import type { SecretField } from "../contract/connector.ts";

/** Settings of a connection to Telegram. */
export const telegramSettingsSchema = z.strictObject({
  mode: z
    .enum(["webhook", "polling"])
    .default("webhook")
    .describe(
      "How messages come in: `webhook`, for which Telegram must reach this server by https, or `polling`, which asks for them and needs nothing.",
    ),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default("https://api.telegram.org")
    .describe("Where the Bot API is: Telegram's own, or a Bot API server that you run."),
});

/** Settings of a connection to Telegram. */
export type TelegramSettings = z.infer<typeof telegramSettingsSchema>;

/** Secrets of a connection to Telegram. */
export const TELEGRAM_SECRETS: readonly SecretField[] = [
  {
    name: "botToken",
    description: "The bot's token. @BotFather gives it when the bot is made, and with /token.",
    isRequired: true,
  },
  {
    name: "webhookSecret",
    description:
      "What Telegram sends along with each webhook, so that nobody else can make one: make up 1 to 256 letters, digits, _ or -.",
    isRequired: true,
  },
];

/** What kinds of updates Telegram is asked for. */
export const TELEGRAM_UPDATES = [
  "message",
  "edited_message",
  "message_reaction",
  "callback_query",
  "my_chat_member",
] as const;

/** The marks that Telegram lets a bot put on a message. @see https://core.telegram.org/bots/api#reactiontypeemoji */
export const TELEGRAM_REACTIONS: readonly string[] = [
  ..."👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡",
  "❤",
  "❤‍🔥",
  "👨‍💻",
  "🤷‍♂",
  "🤷",
  "🤷‍♀",
];
