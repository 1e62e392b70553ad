import type { DeliveryErrorClass } from "@anywire/types";

/** What a code of Meta's means. */
export interface WhatsappError {
  readonly class: DeliveryErrorClass;
  /** What was wrong and what to do. */
  readonly reason: string;
  /** When it makes sense to try again, ms. */
  readonly retryAfterMs?: number;
  /** Whether nothing more shall go to the address. */
  readonly suppressAddress?: true;
}

function of(errorClass: DeliveryErrorClass, reason: string, retryAfterMs?: number): WhatsappError {
  return { class: errorClass, reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const TOKEN = "Meta does not accept the access token; make a new one and rotate it in";
const RIGHTS =
  "the access token may not do this; give its system user the number and whatsapp_business_messaging";
const NUMBER = "the business number is not registered; register it in the WhatsApp Manager";
const TEMPLATE = "the template's variables do not suit it; compare it with the WhatsApp Manager";
const NO_TEMPLATE =
  "there is no such template in this language, or it is not approved; see the WhatsApp Manager";
const PAUSED = "the template is paused or disabled for its quality; see the WhatsApp Manager";
const BLOCKED =
  "Meta has restricted the account for a breach of its rules; see the Business Support Home";
const MEDIA = "WhatsApp can't take the media; check their types, sizes and URLs";

/**
 * What Meta's error codes mean: in answers and in statuses.
 * @see https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
 */
const WHATSAPP_ERRORS: ReadonlyMap<number, WhatsappError> = new Map([
  [0, of("auth", TOKEN)],
  [2, of("network", "Meta can't take messages now", 5 * SECOND_MS)],
  [3, of("auth", RIGHTS)],
  [4, of("rate_limited", "too many requests of this app at once", 60 * SECOND_MS)],
  [10, of("auth", RIGHTS)],
  [33, of("auth", "there is no such business number; correct `phoneNumberId`")],
  [
    100,
    of(
      "content_rejected",
      "Meta does not accept a value of this message, or there is no such business number",
    ),
  ],
  [190, of("auth", TOKEN)],
  [200, of("auth", RIGHTS)],
  [368, of("auth", BLOCKED)],
  [80007, of("rate_limited", "too many requests of this account at once", 60 * SECOND_MS)],
  [
    130429,
    of("rate_limited", "the number's throughput is exceeded; send more slowly", 2 * SECOND_MS),
  ],
  [130472, of("unreachable", "Meta gives this user no marketing messages, as an experiment")],
  [130497, of("unreachable", "this business may not write to this country")],
  [131000, of("unknown", "Meta had an error and gives no reason")],
  [131005, of("auth", RIGHTS)],
  [131008, of("content_rejected", "the message lacks something that WhatsApp wants")],
  [131009, of("content_rejected", "Meta does not accept a value of this message")],
  [131016, of("network", "WhatsApp can't take messages now", 5 * SECOND_MS)],
  [131021, of("invalid_recipient", "the recipient is the sender itself")],
  [
    131026,
    of(
      "unreachable",
      "the message can't be delivered: the number is not on WhatsApp, or its app is too old",
    ),
  ],
  [
    131030,
    of(
      "unreachable",
      "a test number only writes to numbers on its list; add it in the App Dashboard",
    ),
  ],
  [131031, of("auth", BLOCKED)],
  [131037, of("auth", "the number's display name needs approval; see the WhatsApp Manager")],
  [
    131042,
    of("payment", "Meta can't charge for messages; see the payment method in the WhatsApp Manager"),
  ],
  [131045, of("auth", NUMBER)],
  [
    131047,
    of(
      "window_closed",
      "more than 24 hours have passed since the recipient wrote; send a template",
    ),
  ],
  [
    131048,
    of(
      "spam_blocked",
      "too many messages of this number were reported or blocked; wait, and write to those who asked for it",
    ),
  ],
  [
    131049,
    of(
      "spam_blocked",
      "Meta chose not to deliver this message to keep the user's interest; do not repeat it soon",
    ),
  ],
  [131050, of("opted_out", "the recipient wants no marketing messages of this business")],
  [131051, of("unsupported", "WhatsApp does not know this type of message")],
  [131052, of("content_rejected", MEDIA)],
  [131053, of("content_rejected", MEDIA)],
  [
    131056,
    of("rate_limited", "too many messages to this recipient in a short time", 6 * SECOND_MS),
  ],
  [131057, of("network", "the account is in maintenance", 60 * SECOND_MS)],
  [131062, of("invalid_recipient", "this message can't be sent to a user id; it needs the number")],
  [132000, of("content_rejected", TEMPLATE)],
  [132001, of("content_rejected", NO_TEMPLATE)],
  [
    132005,
    of("content_rejected", "the template's text is too long with these variables; shorten them"),
  ],
  [
    132007,
    of("content_rejected", "the template breaks WhatsApp's rules; see the WhatsApp Manager"),
  ],
  [132012, of("content_rejected", TEMPLATE)],
  [132015, of("content_rejected", PAUSED)],
  [132016, of("content_rejected", PAUSED)],
  [132068, of("content_rejected", "the template's flow is blocked; see the WhatsApp Manager")],
  [132069, of("content_rejected", "the template's flow is throttled; see the WhatsApp Manager")],
  [133000, of("auth", NUMBER)],
  [133004, of("network", "WhatsApp can't take messages now", 60 * SECOND_MS)],
  [133010, of("auth", NUMBER)],
  [133015, of("network", "the number was deleted a moment ago; try later", HOUR_MS)],
  [135000, of("unknown", "Meta had an error and gives no reason")],
]);

/** Codes of a 5xx that say that nothing was taken. */
export const NOT_TAKEN: ReadonlySet<number> = new Set([2, 131016, 131057, 133004]);

const BY_STATUS: Readonly<Record<number, DeliveryErrorClass>> = {
  401: "auth",
  403: "auth",
  404: "auth",
  413: "too_large",
  429: "rate_limited",
};

/** What a code means; of one that is not known, what the answer's status says. */
export function whatsappError(code: number | undefined, status?: number): WhatsappError {
  const known = code === undefined ? undefined : WHATSAPP_ERRORS.get(code);
  if (known !== undefined) return known;
  const errorClass = (status === undefined ? undefined : BY_STATUS[status]) ?? "unknown";
  if (code !== undefined) {
    return {
      class: errorClass,
      reason: `Meta says ${code}; see the error codes of WhatsApp's Cloud API`,
    };
  }
  return {
    class: errorClass,
    reason: status === undefined ? "Meta gave no reason" : `Meta answered ${status}`,
  };
}
