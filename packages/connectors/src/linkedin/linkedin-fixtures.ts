import type { Fixture } from "../contract/fixture.ts";
import type { InboundEvent } from "../contract/inbound-event.ts";

const RECORDED_AT = Date.UTC(2026, 4, 4, 12, 0, 2);
const AT = Date.UTC(2026, 4, 4, 12);
const ANN = { addresses: ["linkedin:2qXA98-mVk"], name: "Ann Example" };
const THREAD = "urn:li:messagingThread:2-YmRkNjRkZTM";
const ID = "2-MTc3Nzg5NjAwMA";

function recorded(
  name: string,
  signature: string,
  body: string,
  events: readonly InboundEvent[] | undefined,
): Fixture {
  return {
    name,
    settings: { memberId: "bob-Yk41sQ" },
    secrets: { accessToken: "token for tests", clientSecret: "secret for tests" },
    now: RECORDED_AT,
    request: {
      method: "POST",
      url: "https://chat.example.org/v1/webhooks/linkedin",
      headers: { "content-type": "application/json", "x-li-signature": signature },
      body,
    },
    events,
  };
}

const MESSAGE = `{"notificationId":4711,"elements":[{"owner":"urn:li:person:bob-Yk41sQ","actor":"urn:li:person:2qXA98-mVk","resourceName":"messages","resourceId":"${ID}","method":"CREATE","activity":{"owner":"urn:li:person:bob-Yk41sQ","author":"urn:li:person:2qXA98-mVk","createdAt":${AT},"thread":"${THREAD}","content":{"format":"TEXT","fallback":"Grüße & <b>no HTML</b>"},"attachments":[]},"processedActivity":{"author~":{"localizedFirstName":"Ann","localizedLastName":"Example"}}}]}`;

const MANY = `{"notificationId":"4712","elements":[{"owner":"urn:li:person:bob-Yk41sQ","actor":"urn:li:person:bob-Yk41sQ","resourceName":"messages","resourceId":"2-own","method":"CREATE","activity":{"author":"urn:li:person:bob-Yk41sQ","createdAt":${AT},"content":{"fallback":"from here"}}},{"resourceName":"shares","method":"CREATE"},{"owner":"urn:li:person:bob-Yk41sQ","resourceName":"messages","resourceId":"${ID}","method":"UPDATE","activity":{"author":"urn:li:person:2qXA98-mVk","createdAt":${AT},"thread":"${THREAD}","content":{"content":"better","fallback":"worse"}}},{"owner":"urn:li:person:bob-Yk41sQ","resourceName":"messages","resourceId":"${ID}","method":"DELETE","activity":{"author":"urn:li:person:2qXA98-mVk","createdAt":${AT},"thread":"${THREAD}"}}]}`;

/** Requests as LinkedIn makes them. */
export const linkedinFixtures: readonly Fixture[] = [
  recorded(
    "a message",
    "4dd8ca04bc3885ba05cc50c80744fa788e375e0f9e2ef731967e151c0917f7ba",
    MESSAGE,
    [
      {
        type: "message",
        at: AT,
        externalId: `${THREAD}/${ID}`,
        sender: ANN,
        receiver: "urn:li:person:bob-Yk41sQ",
        text: "Grüße & <b>no HTML</b>",
      },
    ],
  ),
  recorded(
    "a message of our own, a share, a changed and a deleted message",
    "6df26ea86726218512c48cc0f234844907cd982a8b19adf0845857edde6aac02",
    MANY,
    [
      { type: "ignored", at: AT, what: "a message of our own" },
      { type: "ignored", at: RECORDED_AT, what: "an event about something else than messages" },
      {
        type: "edit",
        at: AT,
        externalId: `${THREAD}/${ID}`,
        sender: { addresses: ["linkedin:2qXA98-mVk"] },
        text: "better",
      },
      {
        type: "delete",
        at: AT,
        externalId: `${THREAD}/${ID}`,
        sender: { addresses: ["linkedin:2qXA98-mVk"] },
      },
    ],
  ),
  recorded("a message that somebody else signed", "0".repeat(64), MESSAGE, undefined),
];
