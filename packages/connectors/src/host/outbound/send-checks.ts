import type { ConsentDocument, ExchangeDocument } from "@anywire/core";
import type { DeliveryAction, DeliveryError } from "@anywire/types";
import type { Capabilities } from "../../contract/capabilities.ts";
import type { Policy } from "../../contract/policy.ts";

/** What decides whether a message may leave. */
export interface SendFacts {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly action: DeliveryAction;
  readonly policy: Policy;
  readonly capabilities: Pick<Capabilities, "canStart">;
  /** What the person said, here and of all connections. */
  readonly consents: readonly ConsentDocument[];
  /** What was last said between the two. */
  readonly exchange: Pick<ExchangeDocument, "inboundAt"> | undefined;
  /** Whether it is one message to many. */
  readonly isBulk: boolean;
  /** Whether a function said it, not a person. */
  readonly isByFunction: boolean;
  readonly hasTemplate: boolean;
}

/** Why a message must not leave; undefined when it may. Looked at when its turn has come, before the network is called. */
export function refusalOf(facts: SendFacts): DeliveryError | undefined {
  // What was sent can always be taken back.
  if (facts.action === "delete") return undefined;
  return refusalByConsent(facts) ?? (facts.action === "send" ? refusalByPolicy(facts) : undefined);
}

/** Whether a person said no, as the reason why nothing goes to them. */
export function refusalByNo(consents: readonly ConsentDocument[]): DeliveryError | undefined {
  const out = consents.find(({ state }) => state === "out");
  if (out === undefined) return undefined;
  const day = new Date(out.at).toISOString().slice(0, 10);
  return {
    class: "consent",
    reason: cut(
      `the person said no on ${day} (${out.reason}); nothing more goes to this address until they say yes again`,
    ),
  };
}

function refusalByConsent({ consents, policy }: SendFacts): DeliveryError | undefined {
  const refusal = refusalByNo(consents);
  if (refusal !== undefined) return refusal;
  if (policy.consentRequired !== true || consents.some(({ state }) => state === "in"))
    return undefined;
  return {
    class: "consent",
    reason: "this network needs the person's consent, and none is recorded; record it first",
  };
}

function refusalByPolicy(facts: SendFacts): DeliveryError | undefined {
  const { policy, isBulk, isByFunction } = facts;
  if (policy.humanActionRequired === true && (isByFunction || isBulk)) {
    return {
      class: "human_action_required",
      reason: "this network wants a person behind each message; a function or a campaign sent this",
    };
  }
  if (isBulk && !policy.bulkAllowed) {
    return { class: "bulk_refused", reason: "this network allows no message to many at once" };
  }
  return refusalByWindow(facts);
}

function refusalByWindow(facts: SendFacts): DeliveryError | undefined {
  const { policy, capabilities, exchange, hasTemplate, now } = facts;
  const { replyWindowMs, templatesOutside = false } = policy;
  const inboundAt = exchange?.inboundAt ?? null;
  if (hasTemplate && templatesOutside) return undefined;
  if (inboundAt === null && !capabilities.canStart) {
    return {
      class: "window_closed",
      reason: "on this network the other side has to write first, and has not yet",
    };
  }
  if (replyWindowMs === undefined) return undefined;
  if (inboundAt !== null && now - inboundAt <= replyWindowMs) return undefined;
  const hours = Math.round(replyWindowMs / 3_600_000);
  const ago = hours === 1 ? "an hour" : `${hours} hours`;
  const words = `the person last wrote more than ${ago} ago, or never`;
  return templatesOutside
    ? { class: "template_needed", reason: `${words}; send a template` }
    : { class: "window_closed", reason: `${words}; wait until they write` };
}

/** The most a reason may have. */
function cut(text: string): string {
  return text.length > 512 ? `${text.slice(0, 511)}…` : text;
}
