import type { Rejected, SendResult } from "../contract/send.ts";
import { neverLeft } from "../wire/never-left.ts";

/** Errors of adapters by their names. @see https://github.com/vercel/chat */
const CLASSES: Readonly<Record<string, Rejected["class"]>> = {
  AdapterRateLimitError: "rate_limited",
  AuthenticationError: "auth",
  PermissionError: "unreachable",
  ResourceNotFoundError: "invalid_recipient",
  ValidationError: "content_rejected",
};

/** Errors of the packages that adapters lean on, by their codes. */
const CODES: Readonly<Record<string, Rejected["class"]>> = {
  slack_webapi_rate_limited_error: "rate_limited",
};

/** What networks answer with a status: they have not taken it then. */
const STATUSES: Readonly<Record<number, Rejected["class"]>> = {
  400: "content_rejected",
  401: "auth",
  403: "unreachable",
  404: "invalid_recipient",
  413: "too_large",
  429: "rate_limited",
};

/** Words in which networks say what only an operator can mend. */
const AUTH = /invalid_auth|not_authed|token_revoked|token_expired|account_inactive|unauthorized/i;

interface AdapterError {
  readonly name?: string;
  readonly code?: unknown;
  readonly status?: unknown;
  readonly retryAfter?: number;
  readonly originalError?: unknown;
  readonly data?: { readonly ok?: unknown; readonly error?: unknown };
}

/**
 * What became of a send that ended in an error: rejected where the adapter says that the network answered so, or that nothing left; else
 * unknown. What the error says is left out, since it may have a URL with a token in it.
 */
export function outcomeOf(error: unknown, network: string): SendResult {
  const fields = fieldsOf(error);
  const code = neverLeft(error) ?? neverLeft(fields.originalError);
  if (code !== undefined) {
    return reject("network", `${network} was not reached (${code}); it is tried again later`);
  }
  const status = statusOf(error) ?? statusOf(fields.originalError);
  const kind = CLASSES[fields.name ?? ""] ?? CODES[`${fields.code}`] ?? STATUSES[status ?? 0];
  if (kind === "rate_limited") return slower(network, fields.retryAfter);
  if (kind !== undefined) return reject(kind, `${network} refused it: ${status ?? fields.name}`);
  return (
    saidNo(fields.data, network) ?? {
      outcome: "unknown",
      reason: `the adapter of ${network} failed, and does not tell whether the message left; look there`,
    }
  );
}

/** What a network answers in so many words it has not taken. */
function saidNo(data: AdapterError["data"], network: string): Rejected | undefined {
  const { ok, error: said } = data ?? {};
  if (ok !== false || typeof said !== "string") return undefined;
  const rejected = reject(AUTH.test(said) ? "auth" : "unknown", `${network} refused it`);
  return /^\w{1,64}$/.test(said) ? { ...rejected, code: said } : rejected;
}

function fieldsOf(error: unknown): AdapterError {
  return typeof error === "object" && error !== null ? error : {};
}

function statusOf(error: unknown): number | undefined {
  const { status } = fieldsOf(error);
  return typeof status === "number" ? status : undefined;
}

function slower(network: string, retryAfter = 1): Rejected {
  const retryAfterMs = Math.max(1, retryAfter) * 1000;
  return { ...reject("rate_limited", `${network} wants it slower`), retryAfterMs };
}

function reject(kind: Rejected["class"], reason: string): Rejected {
  return { outcome: "rejected", class: kind, reason };
}
