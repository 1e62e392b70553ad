import { createHmac } from "node:crypto";
import { messageText } from "../load/message-text.ts";

/** The account at Twilio that the bench's connection has. Nobody outside knows it. */
export const TWILIO = {
  accountSid: `AC${"0".repeat(32)}`,
  authToken: "f".repeat(32),
  from: "+15005550006",
} as const;

const DIGITS = 32;
const FIRST_NUMBER = 447_700_000_000;

/** Somebody's phone number. */
export function phoneOf(person: number): string {
  return `+${FIRST_NUMBER + person}`;
}

/** What Twilio calls a message. */
export function sidOf(number: number): string {
  return `SM${number.toString(16).padStart(DIGITS, "0")}`;
}

/**
 * The request by which Twilio tells of an SMS, as it goes over a connection that is kept.
 * @see https://www.twilio.com/docs/messaging/guides/webhook-request
 */
export function webhookRequest(port: number, path: string, number: number, person: number): Buffer {
  const sid = sidOf(number);
  const fields = {
    ...{ ToCountry: "US", ToState: "CA", ToCity: "OAKLAND", ToZip: "94612" },
    ...{ FromCountry: "GB", FromState: "", FromCity: "", FromZip: "" },
    ...{ MessageSid: sid, SmsMessageSid: sid, SmsSid: sid, SmsStatus: "received" },
    ...{ NumMedia: "0", NumSegments: "1", ApiVersion: "2010-04-01" },
    ...{ AccountSid: TWILIO.accountSid, From: phoneOf(person), To: TWILIO.from },
    Body: messageText(number),
  };
  const host = `127.0.0.1:${port}`;
  const body = new URLSearchParams(fields).toString();
  return Buffer.from(
    [
      `POST ${path} HTTP/1.1`,
      `host: ${host}`,
      "connection: keep-alive",
      "user-agent: TwilioProxy/1.1",
      "content-type: application/x-www-form-urlencoded; charset=UTF-8",
      `x-twilio-signature: ${signature(`http://${host}${path}`, fields)}`,
      `content-length: ${body.length}`,
      "",
      body,
    ].join("\r\n"),
  );
}

/** @see https://www.twilio.com/docs/usage/security#validating-requests */
function signature(url: string, fields: Readonly<Record<string, string>>): string {
  const signed = Object.entries(fields)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => name + value);
  return createHmac("sha1", TWILIO.authToken)
    .update(url + signed.join(""))
    .digest("base64");
}
