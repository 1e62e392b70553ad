import { z } from "zod";
import type { ConnectionContext } from "../contract/context.ts";
import { secretOf } from "../contract/context.ts";
import type { Rejected, Unknown } from "../contract/send.ts";
import { withoutAnswer } from "../wire/never-left.ts";
import { rejectedBySlack } from "./slack-errors.ts";
import type { SlackSettings } from "./slack-settings.ts";

/** What Slack answered to one call. */
export type SlackAnswer =
  | { readonly isOk: true; readonly result: unknown }
  | {
      readonly isOk: false;
      readonly failure: Rejected | Unknown;
      /** Slack's own word for it; undefined when it said none. */
      readonly error: string | undefined;
    };

const failureSchema = z.object({
  code: z.string(),
  data: z.object({ error: z.string() }).optional(),
  statusCode: z.int().optional(),
  retryAfter: z.number().optional(),
});

/** Slack's words are such; anything else is a page that came in the place of an answer. */
const WORD = /^[a-z0-9_]{1,64}$/;

function nothing(): void {}

/** The package would write to the console, texts of messages among it. */
const SILENT = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => "error" as never,
  setName: nothing,
};

/** The root of the Web API, with a slash at its end. */
function apiRootOf({ settings }: ConnectionContext<SlackSettings>): string {
  return settings.baseUrl.replace(/\/*$/, "/");
}

/** Makes one call, once. Never rejects. */
export async function callSlack(
  context: ConnectionContext<SlackSettings>,
  method: string,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<SlackAnswer> {
  const { WebClient } = await import("@slack/web-api");
  let status = 0;
  const client = new WebClient(secretOf(context, "botToken"), {
    slackApiUrl: apiRootOf(context),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    logger: SILENT,
    fetch: async (url, init) => {
      const response = await fetch(url, { ...init, signal });
      status = response.status;
      return response;
    },
  });
  try {
    return { isOk: true, result: await client.apiCall(method, args) };
  } catch (error) {
    return failed(error, status);
  }
}

function failed(cause: unknown, status: number): SlackAnswer {
  const { data: failure } = failureSchema.safeParse(cause);
  if (status === 429) {
    const retryAfterMs = Math.max(1, failure?.retryAfter ?? 30) * 1000;
    return { isOk: false, failure: tooFast(retryAfterMs), error: "ratelimited" };
  }
  const said = failure?.data?.error;
  if (status === 200 && said !== undefined && WORD.test(said)) {
    return { isOk: false, failure: rejectedBySlack(said), error: said };
  }
  if (status >= 400 && status < 500) {
    const reason = `Slack refused it with status ${status}; look whether baseUrl leads to Slack's Web API`;
    const refused = {
      outcome: "rejected",
      class: "network",
      code: String(status),
      reason,
    } as const;
    return { isOk: false, failure: refused, error: undefined };
  }
  return { isOk: false, failure: withoutAnswer("Slack", cause), error: undefined };
}

function tooFast(retryAfterMs: number): Rejected {
  return {
    outcome: "rejected",
    class: "rate_limited",
    code: "ratelimited",
    reason: "Slack takes no more for now",
    retryAfterMs,
  };
}
