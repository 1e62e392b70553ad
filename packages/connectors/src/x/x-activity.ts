import { z } from "zod";

const id = z.string().regex(/^\d{1,19}$/);
const time = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

const mediaSchema = z.object({
  media_url_https: z.url(),
  /** The link in the text that stands for it. */
  url: z.string().optional(),
  type: z.string().optional(),
  video_info: z
    .object({
      variants: z.array(
        z.object({
          url: z.url(),
          content_type: z.string().optional(),
          bitrate: z.number().optional(),
        }),
      ),
    })
    .optional(),
});

/** A picture or film in a message. */
export type XMedia = z.infer<typeof mediaSchema>;

const attachmentSchema = z.object({
  type: z.string(),
  media: mediaSchema.optional(),
  location: z
    .object({
      shared_coordinate: z
        .object({
          coordinates: z.object({
            coordinates: z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]),
          }),
        })
        .optional(),
    })
    .optional(),
});

const messageSchema = z.object({
  type: z.string(),
  id,
  created_timestamp: time,
  message_create: z
    .object({
      sender_id: id,
      target: z.object({ recipient_id: id }),
      message_data: z.object({
        text: z.string().optional(),
        entities: z
          .object({
            urls: z
              .array(z.object({ url: z.string().min(1), expanded_url: z.string().optional() }))
              .optional(),
          })
          .optional(),
        attachment: attachmentSchema.optional(),
      }),
    })
    .optional(),
});

/** A direct message. @see https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/account-activity */
export type XMessage = z.infer<typeof messageSchema>;

const noticeSchema = z.object({
  created_timestamp: time,
  sender_id: id,
  target: z.object({ recipient_id: id }),
});

/** Somebody writes, or has read. */
export type XNotice = z.infer<typeof noticeSchema>;

const profile = z.object({
  name: z.string().optional(),
  screen_name: z.string().optional(),
  username: z.string().optional(),
});

/** What is told at once: one of these, and who the accounts in it are. */
const activitySchema = z.object({
  direct_message_events: z.array(messageSchema).optional(),
  direct_message_indicate_typing_events: z.array(noticeSchema).optional(),
  direct_message_mark_read_events: z.array(noticeSchema).optional(),
  users: z.record(z.string(), profile.extend({ data: profile.optional() })).optional(),
});

/** What is told at once. */
export type XActivity = z.infer<typeof activitySchema>;

/** An account's activity, and whose it is. */
export interface XActivities {
  readonly accountId: string;
  readonly activity: XActivity;
}

const accountActivitySchema = activitySchema.extend({ for_user_id: id });

const xActivitySchema = z.object({
  data: z.object({
    event_type: z.string(),
    filter: z.object({ user_id: id }),
    payload: z.looseObject({}),
  }),
});

/** Reads what the Account Activity API brings, or the X Activity API, which wraps the same. @throws {Error} when it is neither */
export function readActivities(body: unknown): XActivities {
  const wrapped = xActivitySchema.safeParse(body);
  if (wrapped.success) {
    const { filter, payload } = wrapped.data.data;
    return { accountId: filter.user_id, activity: activitySchema.parse(payload) };
  }
  const { for_user_id, ...activity } = accountActivitySchema.parse(body);
  return { accountId: for_user_id, activity };
}
