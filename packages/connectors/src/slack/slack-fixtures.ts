import type { Fixture } from "../contract/fixture.ts";
import type { InboundEvent } from "../contract/inbound-event.ts";
import { slackSignature } from "./slack-signature.ts";

const NOW = 1_760_000_000_000;
const SECRET = "8f742231b10e8888abcd99badc85a5aa";
const SENDER = { addresses: ["slack:U2147483697"] };
const AT = { channel: "D024BE91L", channel_type: "im", user: "U2147483697" };

interface Signing {
  readonly secret?: string;
  readonly agoMs?: number;
}

function fixture(
  name: string,
  event: object,
  events: readonly InboundEvent[] | undefined,
  { secret = SECRET, agoMs = 1000 }: Signing = {},
): Fixture {
  const body = JSON.stringify({
    token: "one-long-verification-token",
    team_id: "T123ABC456",
    api_app_id: "A123ABC456",
    event,
    type: "event_callback",
    authorizations: [{ team_id: "T123ABC456", user_id: "U0BOT00001", is_bot: true }],
    event_id: "Ev123ABC456",
    event_time: 1_759_999_990,
  });
  const timestamp = String(Math.floor((NOW - agoMs) / 1000));
  return {
    name,
    settings: {},
    secrets: { botToken: "xoxb-1234-recorded", signingSecret: SECRET },
    now: NOW,
    request: {
      method: "POST",
      url: "https://chat.example.org/v1/webhooks/slack",
      headers: {
        "content-type": "application/json",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": slackSignature(secret, timestamp, Buffer.from(body)),
      },
      body,
    },
    events,
  };
}

function ts(number: number): string {
  return `1759999990.00000${number}`;
}

function said(number: number, text: string): InboundEvent {
  return {
    type: "message",
    at: 1_759_999_990_000,
    externalId: `D024BE91L:${ts(number)}`,
    sender: SENDER,
    text,
  };
}

/** Requests of the Events API as Slack makes them. @see https://docs.slack.dev/reference/events/message.im */
export const slackFixtures: readonly Fixture[] = [
  fixture("a text", { type: "message", ...AT, text: "Hello &amp; welcome", ts: ts(1) }, [
    said(1, "Hello & welcome"),
  ]),
  fixture(
    "mentions and links in words",
    {
      type: "message",
      ...AT,
      text: "<@U0BOT00001> see <https://example.org/a|the plan> in <#C1|general>, <!here>: 1 &lt; 2 &amp;lt;",
      ts: ts(2),
    },
    [said(2, "@U0BOT00001 see the plan (https://example.org/a) in #general, @here: 1 < 2 &lt;")],
  ),
  fixture(
    "an answer in a thread",
    { type: "message", ...AT, text: "Yes", ts: ts(4), thread_ts: ts(3) },
    [{ ...said(4, "Yes"), replyTo: `D024BE91L:${ts(3)}` } as InboundEvent],
  ),
  fixture(
    "files, one of them in a cloud drive",
    {
      type: "message",
      subtype: "file_share",
      ...AT,
      text: "",
      ts: ts(5),
      files: [
        {
          id: "F1",
          name: "roof.png",
          mimetype: "image/png",
          size: 90,
          mode: "hosted",
          url_private: "https://files.slack.com/files-pri/T1-F1/roof.png",
        },
        {
          id: "F2",
          name: "Budget",
          mimetype: "application/vnd.google-apps.spreadsheet",
          mode: "external",
          is_external: true,
          url_private: "https://docs.google.com/spreadsheets/d/1",
        },
      ],
    },
    [
      {
        ...said(5, "Budget: https://docs.google.com/spreadsheets/d/1"),
        media: [
          { kind: "image", ref: "F1", name: "roof.png", mimeType: "image/png", sizeBytes: 90 },
        ],
      } as InboundEvent,
    ],
  ),
  fixture(
    "a changed text",
    {
      type: "message",
      subtype: "message_changed",
      channel: "D024BE91L",
      channel_type: "im",
      hidden: true,
      ts: ts(7),
      message: {
        type: "message",
        user: "U2147483697",
        text: "Hello there",
        ts: ts(1),
        edited: { user: "U2147483697", ts: ts(7) },
      },
      previous_message: { type: "message", user: "U2147483697", text: "Hello", ts: ts(1) },
    },
    [
      {
        type: "edit",
        at: 1_759_999_990_000,
        externalId: `D024BE91L:${ts(1)}`,
        changeId: `D024BE91L:${ts(1)}:${ts(7)}`,
        sender: SENDER,
        text: "Hello there",
      },
    ],
  ),
  fixture(
    "a preview of a link, which comes as a change",
    {
      type: "message",
      subtype: "message_changed",
      channel: "D024BE91L",
      channel_type: "im",
      ts: ts(8),
      message: { type: "message", user: "U2147483697", text: "<https://a.b>", ts: ts(1) },
      previous_message: { type: "message", user: "U2147483697", text: "<https://a.b>", ts: ts(1) },
    },
    [
      {
        type: "ignored",
        at: 1_759_999_990_000,
        what: "a change of what is shown with a message",
      },
    ],
  ),
  fixture(
    "a number of answers, which comes as a change of a text that was not changed",
    {
      type: "message",
      subtype: "message_changed",
      channel: "D024BE91L",
      channel_type: "im",
      ts: ts(8),
      message: { type: "message", user: "U2147483697", text: "Hello", ts: ts(1), reply_count: 2 },
    },
    [
      {
        type: "ignored",
        at: 1_759_999_990_000,
        what: "a change of what is shown with a message",
      },
    ],
  ),
  fixture(
    "a message taken back",
    {
      type: "message",
      subtype: "message_deleted",
      channel: "D024BE91L",
      channel_type: "im",
      ts: ts(9),
      deleted_ts: ts(1),
      previous_message: { type: "message", user: "U2147483697", text: "Hello", ts: ts(1) },
    },
    [
      {
        type: "delete",
        at: 1_759_999_990_000,
        externalId: `D024BE91L:${ts(1)}`,
        sender: SENDER,
      },
    ],
  ),
  fixture(
    "a mark",
    {
      type: "reaction_added",
      user: "U2147483697",
      reaction: "thumbsup::skin-tone-3",
      item: { type: "message", channel: "D024BE91L", ts: ts(1) },
      item_user: "U0BOT00001",
      event_ts: ts(6),
    },
    [
      {
        type: "reaction",
        at: 1_759_999_990_000,
        externalId: `D024BE91L:${ts(1)}`,
        sender: SENDER,
        emoji: "👍",
        action: "add",
      },
    ],
  ),
  fixture(
    "a mark of the app's own",
    {
      type: "reaction_added",
      user: "U0BOT00001",
      reaction: "eyes",
      item: { type: "message", channel: "D024BE91L", ts: ts(1) },
      event_ts: ts(6),
    },
    [{ type: "ignored", at: 1_759_999_990_000, what: "a mark of the app's own" }],
  ),
  fixture(
    "a message of the app's own",
    {
      type: "message",
      channel: "D024BE91L",
      channel_type: "im",
      user: "U0BOT00001",
      bot_id: "B0BOT00001",
      app_id: "A123ABC456",
      text: "Hello",
      ts: ts(1),
    },
    [{ type: "ignored", at: 1_759_999_990_000, what: "a message of an app" }],
  ),
  fixture(
    "a message in a channel",
    {
      type: "message",
      channel: "C024BE91L",
      channel_type: "channel",
      user: "U2147483697",
      text: "Hello all",
      ts: ts(1),
    },
    [{ type: "ignored", at: 1_759_999_990_000, what: "a message in a channel of several" }],
  ),
  fixture("another's signature", { type: "message", ...AT, text: "Hello", ts: ts(1) }, undefined, {
    secret: "another",
  }),
  fixture(
    "a request of six minutes ago",
    { type: "message", ...AT, text: "Hello", ts: ts(1) },
    undefined,
    { agoMs: 361_000 },
  ),
];
