import type { Rejected, Unknown } from "../contract/send.ts";

/** What a request fails with before its first byte was sent. */
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Where the packages that send requests keep what they failed of. */
const INSIDE = ["cause", "error", "original"] as const;
const DEEPEST = 6;

/** The code that proves that a request never left; undefined when it may have. */
export function neverLeft(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > DEEPEST) return undefined;
  const fields = error as Readonly<Record<string, unknown>>;
  const { code, errors } = fields;
  if (typeof code === "string" && BEFORE_SENDING.has(code)) return code;
  // All addresses of a host were tried: it never left only when none of them was reached.
  if (Array.isArray(errors) && errors.length > 0) {
    const codes = errors.map((one) => neverLeft(one, depth + 1));
    return codes.includes(undefined) ? undefined : codes[0];
  }
  for (const name of INSIDE) {
    const found = neverLeft(fields[name], depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * What became of a send that ended without an answer. What the error says is left out: it may name the URL, and some networks have
 * their token in it.
 */
export function withoutAnswer(network: string, error: unknown): Rejected | Unknown {
  const code = neverLeft(error);
  if (code === undefined) {
    return {
      outcome: "unknown",
      reason: `${network} gave no answer that can be read; the message may have arrived`,
    };
  }
  return {
    outcome: "rejected",
    class: "network",
    code,
    reason: `${network} can't be reached; look whether the connection's address of it and the network are right`,
  };
}

/** Why a network could not be asked something, in words that speak of no message: none was on its way. */
export function whyNotAsked(network: string, failure: Rejected | Unknown): string {
  return failure.outcome === "rejected"
    ? failure.reason
    : `${network} gave no answer that can be read; look whether it has an outage, and whether the connection leads there`;
}

/** What becomes of a send that was given up before it began. */
export function tooLate(network: string): Rejected {
  return {
    outcome: "rejected",
    class: "network",
    reason: `the time for sending to ${network} was over before anything was sent`,
  };
}
