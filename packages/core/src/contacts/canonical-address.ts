import { AnywireError, parseAddress } from "@anywire/types";
import { type PhoneNumber, parsePhoneNumberWithError } from "libphonenumber-js";

/** Other names under which people know a kind: one address must not have two. */
const SAME_KIND: Readonly<Record<string, string>> = { tel: "phone", sms: "phone", mailto: "email" };

/** Kinds whose values have several spellings; of all others the value stays as it is. */
const CANONICAL_VALUE: Readonly<Record<string, (value: string) => string>> = {
  phone: canonicalPhone,
  email: canonicalEmail,
  whatsapp: canonicalWhatsapp,
  telegram: canonicalHandle,
  x: canonicalHandle,
};

/** Marks of writing direction and no width: copied along from address books. */
const UNSEEN = /\p{Cf}/gu;
/** Mobile numbers in Mexico once had a `1` before them, and ids of WhatsApp still do. */
const OLD_MEXICAN_MOBILE = /^\+521(?=\d{10}$)/;

/** Unquoted, the rest means something else in a header. */
const EMAIL = /^([^\s\p{Cc}@<>()[\]\\,;:"]{1,64})@([^\s@]{1,255})$/u;
/** What a URL would take for something other than its host. */
const NOT_IN_HOST = /[/?#:\\%]/;
const DOMAIN =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
/** @see https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3 a path of 256 with its brackets */
const MAX_EMAIL = 254;
const WHATSAPP_SUFFIX = /@(?:c\.us|s\.whatsapp\.net)$/;
const HANDLE = /^@?([A-Za-z0-9_]{1,64})$/;

/**
 * The one spelling of a contact's address, so that one person is not two; a canonical address stays what it is.
 *
 * - `phone` (also written `tel`, `sms`): E.164. It must carry its country code. An extension is refused, since those behind
 *   one switchboard are several.
 * - `email` (also `mailto`): all letters small, since no provider that matters tells them apart; the domain as in DNS.
 *   Dots and `+tags` stay: only some providers ignore them, and joining two people is worse than splitting one.
 * - `whatsapp`: a number becomes E.164, with or without `+` or the `@c.us` of its network; any other id stays as it is.
 * - `telegram`, `x`: a name without `@`, in small letters, or an id.
 * - any other kind: as it is.
 * @throws {AnywireError} `bad_request` when it is no address of its kind
 * @see https://www.itu.int/rec/T-REC-E.164
 */
export function canonicalAddress(text: string): string {
  const colon = text.indexOf(":");
  const written = text.slice(0, Math.max(0, colon)).trim().toLowerCase();
  const value = text.slice(colon + 1).trim();
  const kind = Object.hasOwn(SAME_KIND, written) ? SAME_KIND[written] : written;
  const canonicalValue =
    kind !== undefined && Object.hasOwn(CANONICAL_VALUE, kind) ? CANONICAL_VALUE[kind] : undefined;
  const address = colon < 0 ? text : `${kind}:${canonicalValue?.(value) ?? value.normalize("NFC")}`;
  parseAddress(address);
  return address;
}

function canonicalPhone(value: string): string {
  let phone: PhoneNumber;
  try {
    phone = parsePhoneNumberWithError(dialled(value), { extract: false });
  } catch (cause) {
    throw noPhone(value, cause);
  }
  const number = phone.number.replace(OLD_MEXICAN_MOBILE, "+52");
  if (number === phone.number && !phone.isPossible()) throw noPhone(value);
  if (phone.ext === undefined) return number;
  throw new AnywireError(
    "bad_request",
    `${quoted(value)} has an extension, which cannot be written to; leave it out, or keep it in the contact's meta`,
  );
}

/** A number as the parser takes it, from what address books and web pages give. */
function dialled(value: string): string {
  return (
    value
      .normalize("NFKC")
      .replace(UNSEEN, "")
      .replace(/^\(\s*(?=\+)/, "")
      // Written as `00…` it is dialled from abroad, and means the same.
      .replace(/^00[\s().-]*/, "+")
  );
}

function canonicalEmail(value: string): string {
  // Before anything is looked at: some characters become others by it, such as a `;`.
  const written = value.normalize("NFC").toLowerCase().normalize("NFC");
  const [, local = "", host = ""] = EMAIL.exec(written) ?? [];
  const domain = NOT_IN_HOST.test(host) ? "" : (URL.parse(`http://${host}`)?.hostname ?? "");
  const email = `${local}@${domain}`;
  if (local !== "" && DOMAIN.test(domain) && email.length <= MAX_EMAIL) return email;
  throw new AnywireError(
    "bad_request",
    `${quoted(value)} is no email address; write it as email:ann@example.org`,
  );
}

/** The network knows a number by its digits, always with the country code. */
function canonicalWhatsapp(value: string): string {
  const id = value.replace(WHATSAPP_SUFFIX, "").replace(UNSEEN, "");
  if (/^\d+$/.test(id)) return canonicalPhone(id.startsWith("00") ? id : `+${id}`);
  return /^[+(\d]/.test(id) && !/[\p{L}@]/u.test(id) ? canonicalPhone(id) : id;
}

function canonicalHandle(value: string): string {
  const handle = HANDLE.exec(value)?.[1];
  if (handle !== undefined) return handle.toLowerCase();
  throw new AnywireError(
    "bad_request",
    `${quoted(value)} is neither a name nor an id there; both have only letters, digits and _`,
  );
}

function noPhone(value: string, cause?: unknown): AnywireError {
  return new AnywireError(
    "bad_request",
    `${quoted(value)} is no phone number; write it with its country code, such as phone:+447700900123`,
    { cause },
  );
}

function quoted(value: string): string {
  return JSON.stringify(value.slice(0, 64));
}
