import type { Fixture } from "../contract/fixture.ts";
import type { InboundEvent, InboundMessage } from "../contract/inbound-event.ts";

const NOW = 1_760_000_000_000;
const SECRET = "a-secret-of-this-connection";

const ANN = {
  id: 700100200,
  is_bot: false,
  first_name: "Ann",
  last_name: "Ray",
  username: "ann_ray",
  language_code: "en",
};
const CHAT = {
  id: 700100200,
  first_name: "Ann",
  last_name: "Ray",
  username: "ann_ray",
  type: "private",
};
const SENDER = { addresses: ["telegram:700100200"], name: "Ann Ray" };

/** What each message begins with. */
function head(message_id: number): object {
  return { message_id, from: ANN, chat: CHAT, date: 1_759_999_990 };
}

function message(id: number, says: Partial<InboundMessage>): InboundMessage {
  return {
    type: "message",
    at: 1_759_999_990_000,
    externalId: `700100200:${id}`,
    sender: SENDER,
    meta: { username: "ann_ray" },
    ...says,
  };
}

function fixture(
  name: string,
  update: object,
  events: readonly InboundEvent[] | undefined,
  header: string | undefined = SECRET,
): Fixture {
  return {
    name,
    settings: {},
    secrets: { botToken: "7000000001:AAbot", webhookSecret: SECRET },
    now: NOW,
    request: {
      method: "POST",
      url: "https://chat.example.org/v1/webhooks/telegram",
      headers: {
        "content-type": "application/json",
        ...(header !== "" && { "x-telegram-bot-api-secret-token": header }),
      },
      body: JSON.stringify({ update_id: 900001, ...update }),
    },
    events,
  };
}

/** Updates as the Bot API brings them. @see https://core.telegram.org/bots/api#update */
export const telegramFixtures: readonly Fixture[] = [
  fixture("a text", { message: { ...head(41), text: "Hello 👋" } }, [
    message(41, { text: "Hello 👋" }),
  ]),
  fixture(
    "an answer to a message of ours",
    {
      message: {
        ...head(42),
        text: "Yes",
        reply_to_message: { message_id: 40, chat: CHAT, date: 1_759_999_900, text: "Is it?" },
      },
    },
    [message(42, { text: "Yes", replyTo: "700100200:40" })],
  ),
  fixture(
    "a picture in several sizes",
    {
      message: {
        ...head(43),
        caption: "The roof",
        photo: [
          { file_id: "small", file_unique_id: "a", file_size: 1200, width: 90, height: 67 },
          { file_id: "large", file_unique_id: "b", file_size: 90000, width: 1280, height: 960 },
          { file_id: "middle", file_unique_id: "c", file_size: 20000, width: 320, height: 240 },
        ],
      },
    },
    [
      message(43, {
        text: "The roof",
        media: [{ kind: "image", ref: "large", mimeType: "image/jpeg", sizeBytes: 90000 }],
      }),
    ],
  ),
  fixture(
    "a voice message",
    { message: { ...head(44), voice: { file_id: "v1", duration: 3, mime_type: "audio/ogg" } } },
    [message(44, { media: [{ kind: "audio", ref: "v1", mimeType: "audio/ogg" }] })],
  ),
  fixture(
    "a document",
    {
      message: {
        ...head(45),
        document: {
          file_id: "d1",
          file_name: "plan.pdf",
          mime_type: "application/pdf",
          file_size: 7,
        },
      },
    },
    [
      message(45, {
        media: [
          { kind: "file", ref: "d1", name: "plan.pdf", mimeType: "application/pdf", sizeBytes: 7 },
        ],
      }),
    ],
  ),
  fixture(
    "a place",
    {
      message: {
        ...head(46),
        location: { latitude: 52.5, longitude: 13.4 },
        venue: { title: "Our shop", address: "Main Street 1" },
      },
    },
    [message(46, { location: { latitude: 52.5, longitude: 13.4, label: "Our shop" } })],
  ),
  fixture(
    "somebody's number",
    { message: { ...head(47), contact: { phone_number: "+447700900123", first_name: "Bea" } } },
    [message(47, { text: "Bea +447700900123" })],
  ),
  fixture(
    "a sticker that moves",
    {
      message: {
        ...head(48),
        sticker: { file_id: "s1", type: "regular", is_animated: false, is_video: true },
      },
    },
    [message(48, { media: [{ kind: "video", ref: "s1", mimeType: "video/webm" }] })],
  ),
  fixture(
    "a changed text",
    { edited_message: { ...head(49), edit_date: 1_759_999_995, text: "Hello there" } },
    [
      {
        type: "edit",
        at: 1_759_999_995_000,
        externalId: "700100200:49",
        changeId: "700100200:49:1759999995",
        sender: SENDER,
        text: "Hello there",
      },
    ],
  ),
  fixture(
    "a mark in the place of another",
    {
      message_reaction: {
        chat: CHAT,
        message_id: 40,
        user: ANN,
        date: 1_759_999_996,
        old_reaction: [{ type: "emoji", emoji: "👍" }],
        new_reaction: [{ type: "emoji", emoji: "🔥" }],
      },
    },
    (["remove", "add"] as const).map((action) => ({
      type: "reaction",
      at: 1_759_999_996_000,
      externalId: "700100200:40",
      sender: SENDER,
      emoji: action === "remove" ? "👍" : "🔥",
      action,
    })),
  ),
  fixture(
    "a person who blocks the bot",
    {
      my_chat_member: {
        chat: CHAT,
        from: ANN,
        date: 1_759_999_997,
        old_chat_member: { user: { id: 7000000001, is_bot: true }, status: "member" },
        new_chat_member: { user: { id: 7000000001, is_bot: true }, status: "kicked" },
      },
    },
    [
      {
        type: "consent",
        at: 1_759_999_997_000,
        sender: SENDER,
        state: "out",
        reason: "blocked the bot on Telegram",
      },
    ],
  ),
  fixture(
    "a button",
    {
      callback_query: {
        id: "4382bfdwdsb323b2d9",
        from: ANN,
        message: { ...head(40) },
        chat_instance: "1",
        data: "book:42",
      },
    },
    [
      {
        type: "message",
        at: NOW,
        externalId: "callback:4382bfdwdsb323b2d9",
        sender: SENDER,
        text: "book:42",
        replyTo: "700100200:40",
      },
    ],
  ),
  fixture(
    "a message in a group",
    {
      message: {
        ...head(51),
        chat: { id: -1001234, type: "supergroup", title: "Family" },
        text: "Hi",
      },
    },
    [{ type: "ignored", at: 1_759_999_990_000, what: "a message in a group or channel" }],
  ),
  fixture("an update of a new kind", { business_connection: { id: "x" } }, [
    { type: "ignored", at: NOW, what: "an update of a kind that is not known yet" },
  ]),
  fixture("another's secret", { message: { ...head(52), text: "Hello" } }, undefined, "another"),
  fixture("no secret", { message: { ...head(53), text: "Hello" } }, undefined, ""),
];
