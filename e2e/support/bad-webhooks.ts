import { request as httpRequest } from "node:http";
import { slackSignature } from "../../packages/connectors/src/slack/slack-signature.ts";
import { signTwilio } from "../../packages/connectors/src/twilio/twilio-signature.ts";
import type { NetworkUnderTest } from "./network-under-test.ts";
import type { TestServer } from "./start-test-server.ts";

/** A request to a connection's webhook URL. */
export interface RawWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

let lastSid = 0;

/** A name of Twilio's for a message, each another one. */
export function newSid(): string {
  lastSid += 1;
  return `SM${lastSid.toString(16).padStart(32, "0")}`;
}

/** A webhook of Twilio's, signed with a token: the connection's own unless another is given. */
export function twilioWebhook(
  server: Pick<TestServer, "url">,
  { connection, simulator }: NetworkUnderTest,
  fields: Readonly<Record<string, string>>,
  { token = simulator.secrets["authToken"] ?? "", query = "" } = {},
): RawWebhook {
  const url = `${server.url}/v1/webhooks/${connection}${query}`;
  const sid = newSid();
  const common = { MessageSid: sid, SmsStatus: "received", To: "+15005550006", NumMedia: "0" };
  const form = new URLSearchParams({ ...common, ...fields });
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-twilio-signature": signTwilio(token, url, form),
  };
  return { url, headers, body: form.toString() };
}

/** A webhook of Slack's, signed at a time. */
export function slackWebhook(
  server: Pick<TestServer, "url">,
  { connection, simulator }: NetworkUnderTest,
  body: string | Uint8Array<ArrayBuffer>,
  { at = Date.now(), secret = simulator.secrets["signingSecret"] ?? "" } = {},
): RawWebhook {
  const timestamp = String(Math.floor(at / 1000));
  const headers = {
    "content-type": "application/json",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": slackSignature(secret, timestamp, Buffer.from(body)),
  };
  return { url: `${server.url}/v1/webhooks/${connection}`, headers, body };
}

/** What a person writes on Slack, as Slack tells of it. */
export function slackMessage(user: string, text: string, ts: string): string {
  const event = { type: "message", channel: `D${user}`, channel_type: "im", user, text, ts };
  return JSON.stringify({ type: "event_callback", event_id: `Ev${ts}`, event });
}

/** Calls a webhook URL as a network does, and gives the status and what was answered. */
export async function callWebhook({ url, headers, body }: RawWebhook): Promise<[number, string]> {
  const answer = await fetch(url, { method: "POST", headers, body });
  return [answer.status, await answer.text()];
}

const CHUNK = Buffer.alloc(64 * 1024, "x");

/** Sends a body of so many bytes, as long as it is taken. Gives the status and how many bytes went off. */
export function pourWebhook(
  { url, headers }: Omit<RawWebhook, "body">,
  bytes: number,
  saysLength: boolean,
): Promise<{ status: number; poured: number }> {
  return new Promise((resolve, reject) => {
    const length = saysLength ? { "content-length": String(bytes) } : {};
    const request = httpRequest(url, { method: "POST", headers: { ...headers, ...length } });
    let poured = 0;
    let isAnswered = false;
    const pour = (): void => {
      while (!isAnswered && poured < bytes) {
        poured += CHUNK.length;
        if (!request.write(CHUNK.subarray(0, Math.min(CHUNK.length, bytes)))) return;
      }
      if (!isAnswered) request.end();
    };
    request.on("drain", pour);
    request.on("response", (response) => {
      isAnswered = true;
      response.resume();
      resolve({ status: response.statusCode ?? 0, poured });
      request.destroy();
    });
    request.on("error", (error) => {
      if (!isAnswered) reject(error);
    });
    pour();
  });
}
