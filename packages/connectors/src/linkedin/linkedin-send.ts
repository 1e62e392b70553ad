import { z } from "zod";
import { secretOf } from "../contract/context.ts";
import type { Rejected, SendJob, SendResult } from "../contract/send.ts";
import { type Answered, callNetwork } from "../wire/network-call.ts";
import { tooLate } from "../wire/never-left.ts";
import { retryAfterMs } from "../wire/retry-after.ts";
import { type LinkedinContext, personIdOf, personUrn } from "./linkedin-settings.ts";
import { messageName, threadIn } from "./message-name.ts";

/** In UTF-16 code units: what LinkedIn's own page takes. The API's reference gives no number. */
export const MAX_TEXT = 8000;
const MAX_SUBJECT = 200;

const errorSchema = z.object({
  message: z.string().default(""),
  serviceErrorCode: z.union([z.string(), z.number()]).optional(),
});

const NOT_CONNECTED = /connect|degree|network distance/i;
const OF_THE_RECIPIENT = /recipient|member|person|urn/i;

/**
 * Hands a message over: into its thread where that is known, else to the person.
 * @see https://learn.microsoft.com/en-us/linkedin/shared/integrations/communications/messages
 */
export async function sendToLinkedin(job: SendJob, context: LinkedinContext): Promise<SendResult> {
  const { content, signal } = job;
  const [kind, ...rest] = job.to.split(":");
  const person = personIdOf(rest.join(":"));
  if (kind !== "linkedin" || person === undefined) {
    return rejected(
      "invalid_recipient",
      "that is no member of LinkedIn; write linkedin: and the member's id",
    );
  }
  if (content.text === "") {
    return rejected("unsupported", "there is nothing in the message that LinkedIn can show");
  }
  if (content.text.length > MAX_TEXT) {
    return rejected("too_large", `a message has at most ${MAX_TEXT} characters; make it shorter`);
  }
  if (signal.aborted) return tooLate("LinkedIn");
  const thread = threadOf(job);
  const answer = await callNetwork({
    url: `${context.settings.baseUrl.replace(/\/+$/, "")}/v2/messages`,
    method: "POST",
    headers: headersOf(context),
    body: JSON.stringify(bodyOf(job, person, thread)),
    signal,
  });
  if (answer.kind !== "answered") {
    return answer.kind === "never_left"
      ? rejected("network", `LinkedIn can't be reached: ${answer.reason}`)
      : { outcome: "unknown", reason: `LinkedIn gave no answer: ${answer.reason}` };
  }
  return outcomeOf(answer, thread);
}

/** What every request carries. */
export function headersOf(context: LinkedinContext): Record<string, string> {
  return {
    authorization: `Bearer ${secretOf(context, "accessToken")}`,
    "content-type": "application/json",
    "linkedin-version": context.settings.apiVersion,
    "x-restli-protocol-version": "2.0.0",
  };
}

/** The thread of the latest message that tells it. */
function threadOf({ references, replyTo }: SendJob): string | undefined {
  const names = [...(replyTo === undefined ? [] : [replyTo]), ...[...references].reverse()];
  return names.flatMap((name) => threadIn(name) ?? [])[0];
}

function bodyOf(
  { title, content }: SendJob,
  person: string,
  thread: string | undefined,
): Record<string, unknown> {
  const message = { body: content.text, messageType: "MEMBER_TO_MEMBER" };
  // A thread has its people and its subject already: LinkedIn refuses both beside it.
  if (thread !== undefined) return { thread, ...message };
  const subject = title?.slice(0, MAX_SUBJECT);
  return { recipients: [personUrn(person)], ...(subject ? { subject } : {}), ...message };
}

function outcomeOf({ status, headers, text }: Answered, thread: string | undefined): SendResult {
  if (status === 201) {
    const id = headers.get("x-restli-id") ?? headers.get("x-linkedin-id") ?? "";
    if (/^[^\s/]{1,200}$/.test(id)) {
      return { outcome: "accepted", externalIds: [messageName(id, thread)] };
    }
  }
  if (status < 400 || (status >= 500 && status !== 503)) {
    return {
      outcome: "unknown",
      reason: `LinkedIn answered ${status}, which does not say whether it took the message`,
    };
  }
  return refusedBy(status, headers, errorOf(text));
}

function refusedBy(
  status: number,
  headers: Headers,
  { message, serviceErrorCode }: z.infer<typeof errorSchema>,
): Rejected {
  const code = String(serviceErrorCode ?? status).slice(0, 64);
  if (status === 429) return { ...limited(headers, message), code };
  if (status === 503) return rejected("network", "LinkedIn is not there now", code);
  if (status === 401) {
    return rejected(
      "auth",
      "LinkedIn refuses the access token; let the member sign in again",
      code,
    );
  }
  if (NOT_CONNECTED.test(message) && (status === 403 || status === 422 || status === 400)) {
    return rejected(
      "unreachable",
      "only first-degree connections can be written to; connect with the person first",
      code,
    );
  }
  if (status === 403) {
    return rejected(
      "auth",
      "the app may not send messages; LinkedIn must have approved it for the Messages API",
      code,
    );
  }
  if (status === 413)
    return rejected("too_large", "the message is too large; make it shorter", code);
  if (status === 404 || OF_THE_RECIPIENT.test(message)) {
    return rejected(
      "invalid_recipient",
      "LinkedIn knows no such member or thread; check the address",
      code,
    );
  }
  return rejected(
    "content_rejected",
    `LinkedIn refuses the message with status ${status}; change it`,
    code,
  );
}

/** Limits are counted by the day, which ends at midnight UTC; some only protect the service for a moment. */
function limited(headers: Headers, message: string): Rejected {
  const isDaily = /\bday|daily\b/i.test(message);
  const klass = isDaily ? "quota_exhausted" : "rate_limited";
  return {
    ...rejected(
      klass,
      isDaily
        ? "the day's messages are used up; it goes on at midnight UTC"
        : "LinkedIn asks to slow down",
    ),
    retryAfterMs: retryAfterMs(headers.get("retry-after")),
  };
}

function errorOf(text: string): z.infer<typeof errorSchema> {
  try {
    return errorSchema.parse(JSON.parse(text));
  } catch {
    return { message: "" };
  }
}

function rejected(klass: Rejected["class"], reason: string, code?: string): Rejected {
  return { outcome: "rejected", class: klass, reason, ...(code === undefined ? {} : { code }) };
}
