import { json, type NetworkAnswer, type NetworkRequest } from "../simulator/index.ts";
import { estimateSms } from "./sms-segments.ts";
import { twilioError } from "./twilio-errors.ts";

/** What Twilio took. */
export interface TwilioTaken {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  readonly text: string;
  readonly mediaUrls: readonly string[];
  readonly isTemplate: boolean;
  readonly messagingServiceSid: string | null;
  readonly statusCallback: string | null;
  readonly createdAt: number;
}

/** Twilio's errors as it answers them. */
export function twilioRefusal(
  code: number,
  status: number,
  headers?: Record<string, string>,
): NetworkAnswer {
  const more_info = `https://www.twilio.com/docs/errors/${code}`;
  const answer = json({ code, message: twilioError(code).reason, more_info, status }, status);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/**
 * The numbers for which Twilio's test credentials answer with an error.
 * @see https://www.twilio.com/docs/iam/test-credentials
 */
const MAGIC_TO: Readonly<Record<string, number>> = {
  "+15005550001": 21211,
  "+15005550002": 21612,
  "+15005550003": 21408,
  "+15005550004": 21610,
  "+15005550009": 21614,
};
const MAGIC_FROM: Readonly<Record<string, number>> = {
  "+15005550001": 21212,
  "+15005550007": 21606,
  "+15005550008": 21611,
};

const E164 = /^\+[1-9]\d{6,14}$/;

/** What decides whether a message is taken. */
export interface TwilioRules {
  /** Before each number, such as `whatsapp:`. */
  readonly prefix: string;
  /** The number that the account has. */
  readonly business: string;
  isOptedOut(person: string): boolean;
}

/** The code of what is wrong with a message; undefined when Twilio takes it. */
export function faultOf(form: URLSearchParams, rules: TwilioRules): number | undefined {
  return recipientFault(form, rules) ?? senderFault(form, rules) ?? contentFault(form);
}

function recipientFault(
  form: URLSearchParams,
  { prefix, isOptedOut }: TwilioRules,
): number | undefined {
  const to = form.get("To") ?? "";
  if (to === "") return 21604;
  if (!to.startsWith(prefix)) return 21910;
  const number = to.slice(prefix.length);
  if (!E164.test(number)) return 21211;
  return MAGIC_TO[number] ?? (isOptedOut(number) ? 21610 : undefined);
}

function senderFault(form: URLSearchParams, { prefix, business }: TwilioRules): number | undefined {
  const from = form.get("From");
  const service = form.get("MessagingServiceSid");
  if (service !== null && !/^MG[0-9a-f]{32}$/i.test(service)) return 21705;
  if (from === null) return service === null ? 21603 : undefined;
  const number = from.startsWith(prefix) ? from.slice(prefix.length) : from;
  if (MAGIC_FROM[number] !== undefined) return MAGIC_FROM[number];
  if (from === prefix + business) return undefined;
  return prefix === "" ? 21606 : 63007;
}

function contentFault(form: URLSearchParams): number | undefined {
  const body = form.get("Body") ?? "";
  const media = form.getAll("MediaUrl");
  const content = form.get("ContentSid");
  if (content !== null && !/^HX[0-9a-f]{32}$/i.test(content)) return 21655;
  if (content !== null && !isVariables(form.get("ContentVariables"))) return 21656;
  if (body === "" && media.length === 0 && content === null) return 21619;
  if (body.length > 1600) return 21617;
  if (media.length > 10) return 21623;
  if (media.some((url) => !isUrl(url))) return 21620;
  const validity = form.get("ValidityPeriod");
  if (validity !== null && !(Number(validity) >= 1 && Number(validity) <= 36_000)) return 20422;
  const callback = form.get("StatusCallback");
  return callback !== null && !isUrl(callback) ? 21609 : undefined;
}

function isVariables(text: string | null): boolean {
  if (text === null) return true;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function isUrl(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}

/** What Twilio makes of a form without a fault. */
export function takenOf(
  form: URLSearchParams,
  rules: TwilioRules,
  sid: string,
  createdAt: number,
): TwilioTaken {
  const content = form.get("ContentSid");
  const variables = Object.values(
    JSON.parse(form.get("ContentVariables") ?? "{}") as Record<string, unknown>,
  );
  const template = content === null ? "" : `${content}: ${variables.join(", ")}`;
  return {
    sid,
    createdAt,
    to: form.get("To") ?? "",
    from: form.get("From") ?? rules.prefix + rules.business,
    text: form.get("Body") ?? template,
    mediaUrls: form.getAll("MediaUrl"),
    isTemplate: content !== null,
    messagingServiceSid: form.get("MessagingServiceSid"),
    statusCallback: form.get("StatusCallback"),
  };
}

/** A message as Twilio's API gives it. */
export function messageResource(
  accountSid: string,
  taken: TwilioTaken,
): Readonly<Record<string, unknown>> {
  const { sid, to, from, text, mediaUrls, messagingServiceSid } = taken;
  const path = `/2010-04-01/Accounts/${accountSid}/Messages/${sid}`;
  const date = new Date(taken.createdAt).toUTCString().replace("GMT", "+0000");
  return {
    account_sid: accountSid,
    api_version: "2010-04-01",
    body: text,
    date_created: date,
    date_sent: null,
    date_updated: date,
    direction: "outbound-api",
    error_code: null,
    error_message: null,
    // A Messaging Service chooses later.
    from: messagingServiceSid === null ? from : null,
    messaging_service_sid: messagingServiceSid,
    num_media: String(mediaUrls.length),
    num_segments: String(mediaUrls.length > 0 ? 1 : estimateSms(text, false).segments),
    price: null,
    price_unit: "USD",
    sid,
    status: messagingServiceSid === null ? "queued" : "accepted",
    subresource_uris: { media: `${path}/Media.json` },
    to,
    uri: `${path}.json`,
  };
}

/** Whether a request comes from the account. */
export function isAuthorised(
  request: NetworkRequest,
  accountSid: string,
  authToken: string,
): boolean {
  const expected = Buffer.from(`${accountSid}:${authToken}`).toString("base64");
  return request.headers["authorization"] === `Basic ${expected}`;
}
