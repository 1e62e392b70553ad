import type { DeliveryErrorClass } from "@anywire/types";
import { z } from "zod";
import type { ConnectionContext } from "../contract/context.ts";
import type { Rejected, Unknown } from "../contract/send.ts";

const one = z.object({
  message: z.string().optional(),
  detail: z.string().optional(),
  code: z.union([z.int(), z.string()]).optional(),
});

/** What X says of a failure: as a problem, or as it did before. @see https://docs.x.com/x-api/fundamentals/response-codes-and-errors */
const problemSchema = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  type: z.string().optional(),
  errors: z.array(one).optional(),
});

interface Row {
  readonly status: number;
  readonly says?: RegExp;
  readonly class: DeliveryErrorClass;
  readonly advice: string;
}

/** The first that fits counts. */
const ROWS: readonly Row[] = [
  {
    status: 400,
    says: /participant|recipient/i,
    class: "invalid_recipient",
    advice: "there is no such account",
  },
  {
    status: 400,
    says: /too long|length|exceed/i,
    class: "too_large",
    advice: "a message has at most 10,000 characters",
  },
  {
    status: 400,
    class: "content_rejected",
    advice: "change what the message says or brings",
  },
  {
    status: 401,
    class: "auth",
    advice: "the account's access no longer holds; make new tokens and rotate the secrets",
  },
  {
    status: 402,
    class: "payment",
    advice: "the app has no credits left; buy some at https://console.x.com",
  },
  {
    status: 403,
    says: /client-forbidden|unsupported-authentication|oauth1-permissions|not-enrolled|scope/i,
    class: "auth",
    advice: "the app may not write direct messages; give it that right and make new tokens",
  },
  {
    status: 403,
    says: /spam|automated|suspended|locked|\b326\b/i,
    class: "spam_blocked",
    advice: "X takes the account for a machine; sign in there and see what it asks for",
  },
  {
    status: 403,
    class: "unreachable",
    advice: "this account takes no messages from yours; it must write or follow first",
  },
  { status: 404, class: "invalid_recipient", advice: "there is no such account" },
  { status: 413, class: "too_large", advice: "make the picture smaller" },
  {
    status: 503,
    class: "network",
    advice: "X has too much to do; it is tried again",
  },
];

const DEFAULT_WAIT_MS = 60_000;
const MAX_WAIT_MS = 86_400_000;

/** What a failure means. */
export function xFailure(
  status: number,
  headers: Headers,
  body: string,
  context: Pick<ConnectionContext, "now">,
): Rejected | Unknown {
  const { said, all } = words(body);
  if (status === 429) return tooMany(headers, all, context.now());
  const row = ROWS.find((known) => known.status === status && (known.says?.test(all) ?? true));
  if (row === undefined && status >= 500) {
    const reason = `X failed at it with status ${status}, and may have sent it`;
    return { outcome: "unknown", reason };
  }
  const quote = said === "" ? `status ${status}` : JSON.stringify(said.slice(0, 200));
  return {
    outcome: "rejected",
    class: row?.class ?? "content_rejected",
    code: String(status),
    reason: `X refused it: ${quote}; ${row?.advice ?? "see its documentation"}`,
  };
}

function words(body: string): { readonly said: string; readonly all: string } {
  let problem: z.infer<typeof problemSchema>;
  try {
    problem = problemSchema.parse(JSON.parse(body));
  } catch {
    return { said: "", all: "" };
  }
  const { title = "", detail = "", type = "", errors = [] } = problem;
  const more = errors.map(
    ({ message, detail, code }) => `${message ?? detail ?? ""} ${code ?? ""}`,
  );
  const said = detail || errors[0]?.message || errors[0]?.detail || title;
  return { said, all: [title, detail, type, ...more].join(" ") };
}

/** Of several bounds the one that is used up tells when to come again. */
function tooMany(headers: Headers, all: string, now: number): Rejected {
  const resets = ["x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour"]
    .filter((name) => headers.get(`${name}-remaining`) === "0")
    .map((name) => Number(headers.get(`${name}-reset`)) * 1000 - now)
    .filter((waitMs) => Number.isFinite(waitMs) && waitMs > 0);
  const waitMs = resets.length > 0 ? Math.max(...resets) : DEFAULT_WAIT_MS;
  const isCap = /UsageCap|usage-capped/i.test(all);
  return {
    outcome: "rejected",
    class: isCap ? "quota_exhausted" : "rate_limited",
    code: "429",
    reason: isCap ? "the app has used up what X gives it" : "X takes no more for now",
    retryAfterMs: Math.min(Math.max(waitMs, 1000), MAX_WAIT_MS),
  };
}
