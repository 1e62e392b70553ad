import { z } from "zod";

const changeAbility = z.object({
  maxAgeMs: z.int().min(0).nullable().describe("How long after it was said, ms; null for always."),
});

/** What reaches those outside of a channel. All else is made on this side alone. */
export const channelAbilitiesSchema = z.object({
  network: z.string(),
  edit: changeAbility.nullable().describe("Whether they see another version of a message."),
  delete: changeAbility.nullable().describe("Whether a message is taken back from them."),
  reactions: z
    .union([z.literal("any"), z.array(z.string())])
    .describe("Which they see; none where it is empty."),
  reply: z.boolean().describe("Whether they see which message another one answers."),
  media: z
    .array(
      z.object({
        kind: z.enum(["image", "audio", "video", "file"]),
        level: z
          .enum(["rejected", "dropped", "fallback", "partial", "full"])
          .describe(
            "`full` and `partial` are shown, of `fallback` they get a link, `dropped` is left out, `rejected` keeps the message from leaving.",
          ),
        mimeTypes: z.array(z.string()).optional().describe("Of others they get a link."),
        maxBytes: z.int().optional().describe("Of what is larger they get a link."),
      }),
    )
    .describe("Of a kind that is not named they get a link."),
  maxMedia: z.int().min(0).describe("The most media in one message; of more they get links."),
});

/** What reaches those outside of a channel. */
export type ChannelAbilities = z.infer<typeof channelAbilitiesSchema>;

/** What reaches those outside of a channel. */
export const channelAbilitiesAnswerSchema = z.object({
  outside: channelAbilitiesSchema
    .nullable()
    .describe("Null for a channel that leads over no network: everything can be done there."),
});

/** What reaches those outside of a channel. */
export type ChannelAbilitiesAnswer = z.infer<typeof channelAbilitiesAnswerSchema>;
