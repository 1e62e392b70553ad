import type { Api } from "grammy";
import { z } from "zod";
import type { ConnectionContext } from "../contract/context.ts";
import { secretOf } from "../contract/context.ts";
import type { Rejected, Unknown } from "../contract/send.ts";
import { withoutAnswer } from "../wire/never-left.ts";
import type { TelegramSettings } from "./telegram-settings.ts";

/** What Telegram answered to one call. */
export type TelegramAnswer =
  | { readonly isOk: true; readonly result: unknown }
  | { readonly isOk: false; readonly failure: Rejected | Unknown; readonly description: string };

/** The methods of the Bot API by their names: what is sent is checked by Telegram, what comes by schemas. */
type Methods = Readonly<Record<string, (payload?: object) => Promise<unknown> | undefined>>;

const WITHOUT_PARAMETERS: ReadonlySet<string> = new Set(["getMe", "getWebhookInfo"]);

type ApiOptions = NonNullable<ConstructorParameters<typeof Api>[1]>;

const refusalSchema = z.object({
  name: z.literal("GrammyError"),
  error_code: z.int(),
  description: z.string(),
  parameters: z.object({ retry_after: z.number().optional() }).optional(),
});

/** The root of the Bot API, as grammY takes it: without a slash at its end. */
export function apiRootOf({ settings }: ConnectionContext<TelegramSettings>): string {
  return settings.baseUrl.replace(/\/+$/, "");
}

/** Makes one call. Never rejects; no word of it has the token, though it is in the URL. */
export async function callTelegram(
  context: ConnectionContext<TelegramSettings>,
  method: string,
  payload: object,
  signal: AbortSignal,
): Promise<TelegramAnswer> {
  const grammy = await import("grammy");
  const api = new grammy.Api(secretOf(context, "botToken"), {
    apiRoot: apiRootOf(context),
    fetch: fetchUntil(signal),
  });
  try {
    const methods = api.raw as unknown as Methods;
    // grammY takes what is given to a method without parameters for something else.
    const result = WITHOUT_PARAMETERS.has(method)
      ? methods[method]?.()
      : methods[method]?.(payload);
    return { isOk: true, result: await result };
  } catch (error) {
    const refusal = refusalSchema.safeParse(error);
    if (!refusal.success) {
      return { isOk: false, failure: withoutAnswer("Telegram", error), description: "" };
    }
    const { error_code, description, parameters } = refusal.data;
    const retryAfterMs = (parameters?.retry_after ?? 0) * 1000;
    return { isOk: false, failure: failureOf(error_code, description, retryAfterMs), description };
  }
}

/** The runtime's own `fetch`, with the host's signal, in the place of the one that grammY brings along for old ones. */
function fetchUntil(signal: AbortSignal): ApiOptions["fetch"] {
  const own = (url: string, { method, headers, body }: RequestInit): Promise<Response> =>
    // `duplex`: a form with files is sent while it is read.
    fetch(url, {
      method,
      headers,
      body,
      signal,
      redirect: "error",
      duplex: "half",
    } as RequestInit);
  return own as unknown as ApiOptions["fetch"];
}

interface Row extends Pick<Rejected, "class" | "suppressAddress"> {
  readonly code: number;
  readonly says?: RegExp;
  readonly advice: string;
}

/** What Telegram refuses with; the first that fits counts. It has few codes, and the rest is in its words. */
const ROWS: readonly Row[] = [
  {
    code: 401,
    class: "auth",
    advice: "the bot's token does not hold; take a new one from @BotFather and rotate botToken",
  },
  {
    code: 404,
    class: "auth",
    advice: "no bot has this token; take it from @BotFather and rotate botToken",
  },
  {
    code: 403,
    says: /blocked by the user/i,
    class: "opted_out",
    suppressAddress: true,
    advice: "the person has blocked the bot; only they can begin again",
  },
  {
    code: 403,
    says: /can't initiate|can't send messages to bots/i,
    class: "unreachable",
    advice: "a bot may not begin a conversation; the person must write to it first",
  },
  { code: 403, class: "unreachable", advice: "this person can't be written to any more" },
  {
    code: 400,
    says: /chat not found|PEER_ID_INVALID|user not found|chat_id/i,
    class: "invalid_recipient",
    advice: "there is no such person, or they never wrote to this bot",
  },
  {
    code: 400,
    says: /too long|too big|too large/i,
    class: "too_large",
    advice: "a text has at most 4,096 characters, a file 50 MB",
  },
  { code: 413, class: "too_large", advice: "a file has at most 50 MB" },
  {
    code: 400,
    says: /REACTION_INVALID|can't be (edited|deleted)|no text in the message/i,
    class: "unsupported",
    advice: "Telegram can't do this with this message",
  },
  { code: 400, class: "content_rejected", advice: "change what the message says or brings" },
];

function failureOf(code: number, description: string, retryAfterMs: number): Rejected | Unknown {
  const said = JSON.stringify(description.slice(0, 200));
  if (code === 429) {
    return {
      outcome: "rejected",
      class: "rate_limited",
      code: "429",
      reason: `Telegram takes no more for now: ${said}`,
      retryAfterMs: Math.max(retryAfterMs, 1000),
    };
  }
  if (code >= 500) {
    return { outcome: "unknown", reason: `Telegram failed at it, and may have sent it: ${said}` };
  }
  const row = ROWS.find((one) => one.code === code && (one.says?.test(description) ?? true));
  return {
    outcome: "rejected",
    class: row?.class ?? "content_rejected",
    code: String(code),
    reason: `Telegram refused it: ${said}; ${row?.advice ?? "see its documentation"}`,
    ...(row?.suppressAddress === true && { suppressAddress: true }),
  };
}
