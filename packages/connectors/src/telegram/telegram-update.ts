import { z } from "zod";

/** Of a user it is a number above 0, of a group one below. */
const id = z
  .union([z.int(), z.string()])
  .transform(String)
  .pipe(z.string().regex(/^-?[1-9]\d{0,18}$/));

const userSchema = z.object({
  id,
  is_bot: z.boolean().optional(),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  username: z.string().optional(),
});

const chatSchema = z.object({ id, type: z.string() });

const fileSchema = z.object({
  file_id: z.string().min(1),
  file_name: z.string().optional(),
  mime_type: z.string().optional(),
  file_size: z.number().optional(),
});

const date = z.int().min(0).max(8_640_000_000_000);

/** One message, as far as it concerns us. @see https://core.telegram.org/bots/api#message */
export const telegramMessageSchema = z.object({
  message_id: z.int(),
  date,
  edit_date: date.optional(),
  chat: chatSchema,
  from: userSchema.optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  reply_to_message: z.object({ message_id: z.int() }).optional(),
  photo: z.array(fileSchema.extend({ width: z.number(), height: z.number() })).optional(),
  animation: fileSchema.optional(),
  voice: fileSchema.optional(),
  audio: fileSchema.optional(),
  video: fileSchema.optional(),
  video_note: fileSchema.optional(),
  document: fileSchema.optional(),
  sticker: fileSchema
    .extend({ is_animated: z.boolean().optional(), is_video: z.boolean().optional() })
    .optional(),
  location: z
    .object({
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
    })
    .optional(),
  venue: z.object({ title: z.string() }).optional(),
  contact: z
    .object({
      phone_number: z.string(),
      first_name: z.string(),
      last_name: z.string().optional(),
    })
    .optional(),
  dice: z.object({ emoji: z.string(), value: z.int() }).optional(),
  poll: z
    .object({ question: z.string(), options: z.array(z.object({ text: z.string() })) })
    .optional(),
});

/** One message, as far as it concerns us. */
export type TelegramMessage = z.infer<typeof telegramMessageSchema>;

/** Whoever wrote. */
export type TelegramUser = z.infer<typeof userSchema>;

const reactionsSchema = z.array(
  z.object({ type: z.string(), emoji: z.string().min(1).max(64).optional() }),
);

const reactionUpdateSchema = z.object({
  chat: chatSchema,
  message_id: z.int(),
  user: userSchema.optional(),
  date,
  old_reaction: reactionsSchema,
  new_reaction: reactionsSchema,
});

/** What became of the marks on a message. */
export type TelegramReactionUpdate = z.infer<typeof reactionUpdateSchema>;

const memberUpdateSchema = z.object({
  chat: chatSchema,
  from: userSchema,
  date,
  old_chat_member: z.object({ status: z.string() }),
  new_chat_member: z.object({ status: z.string() }),
});

/** Whether the bot may still write in a chat. */
export type TelegramMemberUpdate = z.infer<typeof memberUpdateSchema>;

const callbackSchema = z.object({
  id: z.string().min(1).max(256),
  from: userSchema,
  message: z.object({ message_id: z.int(), chat: chatSchema }).optional(),
  data: z.string().optional(),
});

/** A button that was pressed. */
export type TelegramCallback = z.infer<typeof callbackSchema>;

/** What Telegram tells at once. Only one of its parts is there. @see https://core.telegram.org/bots/api#update */
export const telegramUpdateSchema = z.object({
  update_id: z.int(),
  message: telegramMessageSchema.optional(),
  edited_message: telegramMessageSchema.optional(),
  message_reaction: reactionUpdateSchema.optional(),
  my_chat_member: memberUpdateSchema.optional(),
  callback_query: callbackSchema.optional(),
});
