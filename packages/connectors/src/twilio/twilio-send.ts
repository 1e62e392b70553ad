import { type Price, parseAddress } from "@anywire/types";
import type { ConnectionContext } from "../contract/context.ts";
import type { Accepted, Rejected, SendJob, SendResult } from "../contract/send.ts";
import type { Answered, NetworkCallResult } from "../wire/network-call.ts";
import { retryAfterMs } from "../wire/retry-after.ts";
import { createTwilioCall, type TwilioCall } from "./twilio-call.ts";
import { twilioError } from "./twilio-errors.ts";
import type { TwilioSettings } from "./twilio-settings.ts";

/** What Twilio's client takes. */
export type TwilioMessage = Parameters<TwilioCall["client"]["messages"]["create"]>[0];

/** How a network's addresses and content become Twilio's. */
export interface TwilioChannel {
  /** Before each number, such as `whatsapp:`. */
  readonly prefix: string;
  /** What is said. */
  content(job: SendJob): Partial<TwilioMessage>;
}

/**
 * Hands one message to Twilio, once. Certain is what Twilio itself answered and what never left. A 5xx is not: Twilio may have
 * taken the message before it failed; only its own `20503` says that it has not.
 */
export async function sendTwilio(
  job: SendJob,
  context: ConnectionContext<TwilioSettings>,
  channel: TwilioChannel,
): Promise<SendResult> {
  const call = await createTwilioCall(context, job.signal);
  try {
    await call.client.messages.create(messageOf(job, context, channel));
  } catch (error) {
    // The client fails for what is no 2xx and no JSON. Without a call it is a defect of ours.
    if (call.result() === undefined) throw error;
  }
  return outcomeOf(call.result(), channel.prefix);
}

function messageOf(
  job: SendJob,
  { settings, webhookUrl }: ConnectionContext<TwilioSettings>,
  channel: TwilioChannel,
): TwilioMessage {
  const { from, messagingServiceSid, validityPeriodSeconds, smartEncoded } = settings;
  const { kind, value } = parseAddress(job.to);
  return {
    to: channel.prefix + (kind === "sms_sender" ? decodeURIComponent(value) : value),
    statusCallback: statusCallbackOf(webhookUrl, job.deliveryId),
    ...channel.content(job),
    ...(from === undefined ? {} : { from: channel.prefix + from }),
    ...(messagingServiceSid === undefined ? {} : { messagingServiceSid }),
    ...(validityPeriodSeconds === undefined ? {} : { validityPeriod: validityPeriodSeconds }),
    ...(smartEncoded === true ? { smartEncoded } : {}),
  };
}

/** The webhook's URL with the delivery in its query: Twilio carries nothing else, and signs the query along. */
function statusCallbackOf(webhookUrl: string, deliveryId: string): string {
  return `${webhookUrl}${webhookUrl.includes("?") ? "&" : "?"}delivery=${encodeURIComponent(deliveryId)}`;
}

/** Statuses that say it was not handled, whoever says so; 408 and 499 come from those who waited for somebody else. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 499;
}

/** Where Twilio fetches the media of a message. */
export function mediaUrlsOf({ media }: SendJob["content"]): string[] {
  return media.map(({ part, source }) => source?.url ?? part.url);
}

/** What a call's end says about the message. */
export function outcomeOf(result: NetworkCallResult | undefined, prefix: string): SendResult {
  if (result === undefined) return { outcome: "unknown", reason: "no answer from Twilio" };
  if (result.kind === "never_left") {
    return {
      outcome: "rejected",
      class: "network",
      reason: `Twilio can't be reached: ${result.reason}`,
    };
  }
  if (result.kind !== "answered") {
    return { outcome: "unknown", reason: `no answer from Twilio: ${result.reason}` };
  }
  const body = parsed(result.text);
  if (result.status >= 200 && result.status < 300) return acceptedOf(body, prefix);
  const code = numberOf(body["code"]);
  if (isRefusal(result.status) || code === 20503) return rejectedOf(result, code);
  return {
    outcome: "unknown",
    reason: `Twilio answered ${result.status}: it may have taken the message`,
  };
}

function acceptedOf(body: Readonly<Record<string, unknown>>, prefix: string): SendResult {
  const { sid, from, num_segments: segments } = body;
  if (typeof sid !== "string" || !/^(?:SM|MM)[0-9a-fA-F]{32}$/.test(sid)) {
    return { outcome: "unknown", reason: "the answer is not Twilio's: something stands between" };
  }
  const count = Number(segments);
  const price = twilioPrice(body["price"], body["price_unit"]);
  const accepted: Accepted = {
    outcome: "accepted",
    externalIds: [sid],
    ...(typeof from === "string" ? { from: withoutPrefix(from, prefix) } : {}),
    ...(Number.isSafeInteger(count) && count > 0 ? { segments: count } : {}),
    ...(price === undefined ? {} : { price }),
  };
  return accepted;
}

function rejectedOf({ status, headers }: Answered, code: number | undefined): Rejected {
  const error = twilioError(code, status);
  return {
    outcome: "rejected",
    class: error.class,
    reason: error.reason,
    code: String(code ?? status),
    retryAfterMs: retryAfterMs(headers.get("retry-after")) ?? error.retryAfterMs,
    ...(error.suppressAddress === undefined ? {} : { suppressAddress: true }),
  };
}

/** A number without the network before it. */
export function withoutPrefix(address: string, prefix: string): string {
  return address.startsWith(prefix) ? address.slice(prefix.length) : address;
}

/** What a message cost: Twilio writes it as what the account changes by, such as `-0.0079`. */
export function twilioPrice(amount: unknown, unit: unknown): Price | undefined {
  if (typeof amount !== "string" || amount.trim() === "" || typeof unit !== "string")
    return undefined;
  const value = Math.abs(Number(amount));
  const currency = unit.toUpperCase();
  return Number.isFinite(value) && /^[A-Z]{3}$/.test(currency)
    ? { amount: value, currency }
    : undefined;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
