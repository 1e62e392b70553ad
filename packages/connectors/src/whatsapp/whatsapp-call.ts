import { z } from "zod";
import { type ConnectionContext, secretOf } from "../contract/context.ts";
import type { Rejected, SendResult } from "../contract/send.ts";
import { type Answered, callNetwork, type NetworkCallResult } from "../wire/network-call.ts";
import { retryAfterMs } from "../wire/retry-after.ts";
import { NOT_TAKEN, whatsappError } from "./whatsapp-errors.ts";
import type { WhatsappSettings } from "./whatsapp-settings.ts";

type Context = ConnectionContext<WhatsappSettings>;

/** Calls Meta's Graph API. `path` begins behind the version, such as `106540352242922/messages`. */
export function callWhatsapp(
  context: Context,
  path: string,
  signal: AbortSignal,
  body?: FormData | object,
): Promise<NetworkCallResult> {
  const { baseUrl, apiVersion } = context.settings;
  const url = `${baseUrl.replace(/\/+$/, "")}/${apiVersion}/${path}`;
  const headers = bearer(context);
  if (body === undefined) return callNetwork({ url, method: "GET", headers, signal });
  if (body instanceof FormData) return callNetwork({ url, method: "POST", headers, body, signal });
  const json = { ...headers, "content-type": "application/json" };
  return callNetwork({ url, method: "POST", headers: json, body: JSON.stringify(body), signal });
}

/** The header that names the connection to Meta. */
export function bearer(context: Context): Record<string, string> {
  return { authorization: `Bearer ${secretOf(context, "accessToken")}` };
}

const acceptedSchema = z.looseObject({
  messages: z.array(z.looseObject({ id: z.string().min(1).max(512) })).min(1),
});

const errorSchema = z.looseObject({ error: z.looseObject({ code: z.int() }) });

/**
 * What a call's end says about the message. Certain is what Meta itself answered and what never left; a 5xx is not, but for the codes
 * that say that the service was not there.
 */
export function outcomeOf(result: NetworkCallResult): SendResult {
  if (result.kind === "never_left") {
    return {
      outcome: "rejected",
      class: "network",
      reason: `Meta can't be reached: ${result.reason}`,
    };
  }
  if (result.kind !== "answered") {
    return { outcome: "unknown", reason: `no answer from Meta: ${result.reason}` };
  }
  const { status } = result;
  if (status >= 200 && status < 300) {
    const accepted = acceptedSchema.safeParse(parsed(result.text));
    if (!accepted.success) {
      return { outcome: "unknown", reason: "the answer is not Meta's: something stands between" };
    }
    return { outcome: "accepted", externalIds: accepted.data.messages.map(({ id }) => id) };
  }
  const code = errorCodeOf(result);
  // 408 and 499 come from those who waited for somebody else.
  const isRefusal = status >= 400 && status < 500 && status !== 408 && status !== 499;
  if (isRefusal || (code !== undefined && NOT_TAKEN.has(code))) return rejectedOf(result, code);
  return { outcome: "unknown", reason: `Meta answered ${status}: it may have taken the message` };
}

/** The code of an answer that tells of an error. */
export function errorCodeOf({ text }: Answered): number | undefined {
  return errorSchema.safeParse(parsed(text)).data?.error.code;
}

/** What Meta surely did not take, and why. */
export function rejectedOf({ status, headers }: Answered, code: number | undefined): Rejected {
  const error = whatsappError(code, status);
  return {
    outcome: "rejected",
    class: error.class,
    reason: error.reason,
    code: String(code ?? status),
    retryAfterMs: retryAfterMs(headers.get("retry-after")) ?? error.retryAfterMs,
    ...(error.suppressAddress === undefined ? {} : { suppressAddress: true }),
  };
}

/** The JSON that a text is; undefined when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
