import type { DeliveryError, DeliveryErrorClass } from "@anywire/types";

interface TwilioError {
  readonly class: DeliveryErrorClass;
  /** What was wrong and what to do. */
  readonly reason: string;
  /** When it makes sense to try again, ms. */
  readonly retryAfterMs?: number;
  /** Whether nothing more shall go to the address. */
  readonly suppressAddress?: true;
}

function of(errorClass: DeliveryErrorClass, reason: string, more?: Partial<TwilioError>) {
  return { class: errorClass, reason, ...more };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SENDER = "the sender is not one of this account's; correct `from` or the Messaging Service";
const CREDENTIALS =
  "Twilio does not accept the credentials; correct the account SID and its secrets";
const SUSPENDED = "the Twilio account is suspended; see the Twilio Console";
const UNREGISTERED =
  "the sender is not registered for this traffic; register it in the Twilio Console";
const BAD_NUMBER = "this is no number that can get messages; correct it";
const TRIAL = "a trial account only writes to verified numbers; verify it or upgrade the account";
const MEDIA =
  "Twilio can't take the media; check that their URLs are public, and their types and sizes";
const TEMPLATE =
  "the template, its language or its variables are wrong; compare it with Twilio's Content Template Builder";
const NO_TEMPLATE = "the template is not approved, paused or disabled; see the Twilio Console";
const UNREACHABLE = "the phone can't be reached now: off, out of reach or blocked by its carrier";

/**
 * What Twilio's error codes mean: in answers and in status callbacks.
 * @see https://www.twilio.com/docs/api/errors
 */
const TWILIO_ERRORS: ReadonlyMap<number, TwilioError> = new Map<number, TwilioError>([
  [11200, of("content_rejected", MEDIA)],
  [12300, of("content_rejected", MEDIA)],
  [20003, of("auth", CREDENTIALS)],
  [20005, of("payment", SUSPENDED)],
  [20006, of("auth", CREDENTIALS)],
  [20008, of("auth", "test credentials can't do this; use the live ones")],
  [20404, of("auth", "there is no such account or resource; correct the account SID")],
  [20422, of("content_rejected", "Twilio does not accept a value of this message")],
  [20429, of("rate_limited", "too many requests at once", { retryAfterMs: 1000 })],
  [20503, of("network", "Twilio can't take messages now", { retryAfterMs: 5000 })],
  [21211, of("invalid_recipient", BAD_NUMBER)],
  [21212, of("auth", SENDER)],
  [21219, of("unreachable", TRIAL)],
  [21265, of("invalid_recipient", "a short code can't be written to; use a phone number")],
  [21266, of("invalid_recipient", "the recipient is the sender itself")],
  [
    21408,
    of(
      "unreachable",
      "messages to this country are not allowed; allow it in the Twilio Console, Messaging, Geo permissions",
    ),
  ],
  [21602, of("content_rejected", "the message has no text")],
  [21603, of("auth", "the message has no sender; set `from` or the Messaging Service")],
  [21604, of("invalid_recipient", "the message has no recipient")],
  [21605, of("too_large", "the text is longer than 1,600 characters; shorten it")],
  [21606, of("auth", SENDER)],
  [21607, of("auth", SENDER)],
  [21608, of("unreachable", TRIAL)],
  [21609, of("unsupported", "Twilio can't reach the webhook URL; the server needs a public one")],
  [
    21610,
    of("opted_out", "the recipient asked for no more messages from this sender", {
      suppressAddress: true,
    }),
  ],
  [
    21611,
    of("rate_limited", "the sender's queue is full; it empties by itself", {
      retryAfterMs: MINUTE_MS,
    }),
  ],
  [
    21612,
    of("unreachable", "Twilio has no way from this sender to this number; use another sender"),
  ],
  [21614, of("invalid_recipient", "this is no mobile number; use another")],
  [21617, of("too_large", "the text is longer than 1,600 characters; shorten it")],
  [21619, of("content_rejected", "the message has neither text nor media")],
  [21620, of("content_rejected", MEDIA)],
  [21623, of("too_large", "there are more media than fit into one message")],
  [21635, of("invalid_recipient", "this is a landline; use a mobile number")],
  [21654, of("content_rejected", TEMPLATE)],
  [21655, of("content_rejected", TEMPLATE)],
  [21656, of("content_rejected", TEMPLATE)],
  [21703, of("auth", "the Messaging Service has no sender; add one")],
  [21704, of("auth", "the Messaging Service has no sender; add one")],
  [21705, of("auth", SENDER)],
  [21910, of("invalid_recipient", "sender and recipient are not on the same network")],
  [
    30001,
    of("rate_limited", "the message waited too long in Twilio's queue; send less at once", {
      retryAfterMs: MINUTE_MS,
    }),
  ],
  [30002, of("payment", SUSPENDED)],
  [30003, of("unreachable", UNREACHABLE)],
  [30004, of("unreachable", "the recipient or their carrier blocks messages from this sender")],
  [30005, of("invalid_recipient", "the number is not in service; correct it")],
  [
    30006,
    of(
      "invalid_recipient",
      "this is a landline, or its carrier takes no messages; use a mobile number",
    ),
  ],
  [30007, of("spam_blocked", "carriers took the message for spam; change its text and its links")],
  [30008, of("unknown", "the carrier gave no reason")],
  [30010, of("payment", "the message costs more than the price that is allowed")],
  [30011, of("unsupported", "the recipient's carrier takes no MMS; send a link")],
  [30017, of("network", "the carrier's network is congested", { retryAfterMs: MINUTE_MS })],
  [
    30019,
    of("too_large", "the media are too large for the recipient's carrier; send smaller ones"),
  ],
  [
    30022,
    of("rate_limited", "the campaign's rate at the carriers is exceeded; send more slowly", {
      retryAfterMs: MINUTE_MS,
    }),
  ],
  [
    30023,
    of("quota_exhausted", "the brand's messages of today are used up", { retryAfterMs: HOUR_MS }),
  ],
  [30024, of("auth", UNREGISTERED)],
  [
    30027,
    of("quota_exhausted", "the campaign's messages of today at this carrier are used up", {
      retryAfterMs: HOUR_MS,
    }),
  ],
  [30032, of("auth", UNREGISTERED)],
  [30033, of("auth", "the campaign is suspended; see the Twilio Console")],
  [
    30034,
    of(
      "auth",
      "the number belongs to no registered A2P 10DLC campaign; register it in the Twilio Console",
    ),
  ],
  [30035, of("auth", UNREGISTERED)],
  [30036, of("expired", "the message could not be handed on within its validity period")],
  [30410, of("network", "the carrier did not answer in time", { retryAfterMs: MINUTE_MS })],
  [30450, of("spam_blocked", "Twilio's fraud guard stopped the message")],
  [30453, of("spam_blocked", "Twilio's fraud guard stopped the message")],
  [
    63001,
    of(
      "auth",
      "WhatsApp does not accept Twilio's credentials for this sender; see the Twilio Console",
    ),
  ],
  [63003, of("invalid_recipient", "this number is not on WhatsApp")],
  [63005, of("content_rejected", "WhatsApp does not accept this content")],
  [63007, of("auth", "Twilio has no WhatsApp sender of this number; correct `from`")],
  [63010, of("network", "WhatsApp had an error of its own", { retryAfterMs: MINUTE_MS })],
  [63012, of("network", "WhatsApp had an error of its own", { retryAfterMs: MINUTE_MS })],
  [63013, of("content_rejected", "the message breaks WhatsApp's rules; change it")],
  [63014, of("opted_out", "the recipient has blocked the sender", { suppressAddress: true })],
  [
    63015,
    of(
      "unreachable",
      "the recipient has not joined the sandbox, or three days have passed since; let them join it",
    ),
  ],
  [
    63016,
    of(
      "window_closed",
      "more than 24 hours have passed since the recipient wrote; send a template",
    ),
  ],
  [
    63018,
    of("rate_limited", "WhatsApp's rate is exceeded; send more slowly", {
      retryAfterMs: MINUTE_MS,
    }),
  ],
  [63019, of("content_rejected", MEDIA)],
  [63021, of("content_rejected", "WhatsApp does not accept this content")],
  [63024, of("invalid_recipient", "this number is not on WhatsApp")],
  [63027, of("content_rejected", TEMPLATE)],
  [63028, of("content_rejected", TEMPLATE)],
  [63030, of("unsupported", "WhatsApp does not know a parameter of this message")],
  [63031, of("invalid_recipient", "the recipient is the sender itself")],
  [63032, of("unreachable", "WhatsApp does not deliver such messages to this user")],
  [63033, of("unreachable", "WhatsApp does not deliver such messages to this user")],
  [
    63038,
    of("quota_exhausted", "the account's messages of today are used up", { retryAfterMs: HOUR_MS }),
  ],
  [63040, of("content_rejected", NO_TEMPLATE)],
  [63041, of("content_rejected", NO_TEMPLATE)],
  [63042, of("content_rejected", NO_TEMPLATE)],
  [
    63049,
    of(
      "spam_blocked",
      "WhatsApp chose not to deliver a marketing message to this user; do not repeat it soon",
    ),
  ],
  [63051, of("auth", "the WhatsApp Business account is blocked; see Meta's Business Manager")],
  [63112, of("auth", "the WhatsApp Business account is disabled; see Meta's Business Manager")],
]);

/** What an answer's status says where its code is not known. */
const BY_STATUS: Readonly<Record<number, DeliveryErrorClass>> = {
  401: "auth",
  403: "auth",
  404: "auth",
  413: "too_large",
  429: "rate_limited",
};

/** What a code means; of one that is not known, what the answer's status says. */
export function twilioError(code: number | undefined, status?: number): TwilioError {
  const known = code === undefined ? undefined : TWILIO_ERRORS.get(code);
  if (known !== undefined) return known;
  const errorClass = (status === undefined ? undefined : BY_STATUS[status]) ?? "unknown";
  if (code !== undefined) {
    return {
      class: errorClass,
      reason: `Twilio says ${code}; see https://www.twilio.com/docs/api/errors/${code}`,
    };
  }
  return {
    class: errorClass,
    reason: status === undefined ? "Twilio gave no reason" : `Twilio answered ${status}`,
  };
}

/** The same as a delivery's error. */
export function deliveryErrorOf(code: number | undefined): DeliveryError {
  const { class: errorClass, reason } = twilioError(code);
  return { class: errorClass, reason, ...(code === undefined ? {} : { code: String(code) }) };
}
