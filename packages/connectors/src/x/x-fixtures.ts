import type { Fixture } from "../contract/fixture.ts";
import type { InboundEvent } from "../contract/inbound-event.ts";
import { X_SIGNATURE, xSignature } from "./x-signature.ts";

const NOW = 1_783_430_900_000;
const AT = 1_783_430_823_813;
const SECRET = "recordedConsumerSecretOfTheApp0000001";
const US = "222222222";
const THEM = "111111111";
const SENDER = { addresses: [`x:${THEM}`], name: "Alt Account" };

function fixture(
  name: string,
  told: object,
  events: readonly InboundEvent[] | undefined,
  secret = SECRET,
): Fixture {
  const body = JSON.stringify(told);
  return {
    name,
    settings: { accountId: US },
    secrets: {
      consumerKey: "recordedKey",
      consumerSecret: SECRET,
      accessToken: "222222222-recorded",
      accessTokenSecret: "recordedTokenSecret",
    },
    now: NOW,
    request: {
      method: "POST",
      url: "https://chat.example.org/v1/webhooks/x",
      headers: {
        "content-type": "application/json",
        [X_SIGNATURE]: xSignature(secret, body),
      },
      body,
    },
    events,
  };
}

/** As the X Activity API wraps what happens. */
function activity(event_type: string, payload: object, user_id = US): object {
  const data = { event_uuid: "1900000000000000009", filter: { user_id }, event_type, payload };
  return { data };
}

function created(id: string, message_data: object, from = THEM, to = US): object {
  return {
    type: "message_create",
    id,
    created_timestamp: String(AT),
    message_create: { target: { recipient_id: to }, sender_id: from, message_data },
  };
}

const USERS = { [THEM]: { data: { id: THEM, name: "Alt Account", username: "alt_account" } } };

function said(externalId: string, says: object): InboundEvent {
  const meta = { username: "alt_account" };
  return { type: "message", at: AT, externalId, sender: SENDER, meta, ...says } as InboundEvent;
}

function ignored(what: string, at = AT): readonly InboundEvent[] {
  return [{ type: "ignored", at, what }];
}

/** Requests of the X Activity API, and of the Account Activity API that was before it. */
export const xFixtures: readonly Fixture[] = [
  fixture(
    "a text",
    activity("dm.received", {
      direct_message_events: [
        created("1900000000000000003", {
          text: "1 &lt; 2 &amp; see https://t.co/a1",
          entities: {
            hashtags: [],
            urls: [{ url: "https://t.co/a1", expanded_url: "https://example.org/$&" }],
          },
        }),
      ],
      users: USERS,
    }),
    [said("1900000000000000003", { text: "1 < 2 & see https://example.org/$&" })],
  ),
  fixture(
    "a text by the Account Activity API",
    {
      for_user_id: US,
      direct_message_events: [created("1900000000000000004", { text: "Hello" })],
      apps: {},
      users: { [THEM]: { id: THEM, name: "Alt Account", screen_name: "alt_account" } },
    },
    [said("1900000000000000004", { text: "Hello" })],
  ),
  fixture(
    "a picture, whose link at the end of the text is left out",
    activity("dm.received", {
      direct_message_events: [
        created("1900000000000000005", {
          text: "The roof https://t.co/p1",
          attachment: {
            type: "media",
            media: {
              id_str: "9",
              media_url_https: "https://ton.twitter.com/1.1/ton/data/dm/1/9/roof.jpg",
              url: "https://t.co/p1",
              type: "photo",
            },
          },
        }),
      ],
      users: USERS,
    }),
    [
      said("1900000000000000005", {
        text: "The roof",
        media: [{ kind: "image", ref: "https://ton.twitter.com/1.1/ton/data/dm/1/9/roof.jpg" }],
      }),
    ],
  ),
  fixture(
    "a film, of which the best is taken",
    activity("dm.received", {
      direct_message_events: [
        created("1900000000000000006", {
          text: "https://t.co/v1",
          attachment: {
            type: "media",
            media: {
              media_url_https: "https://pbs.twimg.com/dm_video_preview/1/img/a.jpg",
              url: "https://t.co/v1",
              type: "video",
              video_info: {
                variants: [
                  {
                    content_type: "application/x-mpegURL",
                    url: "https://video.twimg.com/dm/a.m3u8",
                  },
                  {
                    bitrate: 320000,
                    content_type: "video/mp4",
                    url: "https://video.twimg.com/dm/s.mp4",
                  },
                  {
                    bitrate: 832000,
                    content_type: "video/mp4",
                    url: "https://video.twimg.com/dm/l.mp4",
                  },
                ],
              },
            },
          },
        }),
      ],
      users: USERS,
    }),
    [
      said("1900000000000000006", {
        media: [{ kind: "video", ref: "https://video.twimg.com/dm/l.mp4", mimeType: "video/mp4" }],
      }),
    ],
  ),
  fixture(
    "a place",
    activity("dm.received", {
      direct_message_events: [
        created("1900000000000000007", {
          text: "",
          attachment: {
            type: "location",
            location: {
              type: "shared_coordinate",
              shared_coordinate: { coordinates: { type: "Point", coordinates: [13.4, 52.5] } },
            },
          },
        }),
      ],
      users: USERS,
    }),
    [said("1900000000000000007", { location: { longitude: 13.4, latitude: 52.5 } })],
  ),
  fixture(
    "a message of our own, which comes back",
    {
      for_user_id: US,
      direct_message_events: [created("1900000000000000008", { text: "Hi" }, US, THEM)],
    },
    ignored("a message of our own"),
  ),
  fixture(
    "a message to another account of the app",
    activity(
      "dm.received",
      { direct_message_events: [created("1900000000000000010", { text: "Hi" }, THEM, "3")] },
      "3",
    ),
    ignored("something of another account of the app", NOW),
  ),
  fixture(
    "somebody who writes",
    activity("dm.indicate_typing", {
      direct_message_indicate_typing_events: [
        { created_timestamp: String(AT), sender_id: THEM, target: { recipient_id: US } },
      ],
    }),
    [{ type: "typing", at: AT, sender: { addresses: [`x:${THEM}`] } }],
  ),
  fixture(
    "somebody who has read",
    {
      for_user_id: US,
      direct_message_mark_read_events: [
        {
          created_timestamp: String(AT),
          sender_id: THEM,
          target: { recipient_id: US },
          last_read_event_id: "1900000000000000002",
        },
      ],
    },
    [{ type: "read", at: AT, sender: { addresses: [`x:${THEM}`] } }],
  ),
  fixture(
    "a mention, which is no direct message",
    activity("post.mention.create", { id: "1900000000000000001", text: "@mybot" }),
    ignored("something that is no direct message", NOW),
  ),
  fixture(
    "another's signature",
    activity("dm.received", { direct_message_events: [] }),
    undefined,
    "another",
  ),
];
