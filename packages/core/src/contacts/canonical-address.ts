import { AnywireError, parseAddress } from "@anywire/types";
import { parsePhoneNumberWithError } from "libphonenumber-js";

const EMAIL = /^([^\s@]{1,64})@([^\s@]{1,255})$/;
const DOMAIN =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/**
 * The one spelling of a contact's address, so that one person is not two. Phone numbers become E.164 and must carry
 * their country code. Of emails the letters become small: no provider that matters tells them apart; dots and
 * `+tags` stay, since only some providers ignore them, and joining two people is worse than splitting one.
 * @throws {AnywireError} `bad_request` when it is no address of its kind
 * @see https://www.itu.int/rec/T-REC-E.164
 */
export function canonicalAddress(text: string): string {
  const kind = text.slice(0, Math.max(0, text.indexOf(":")));
  const value = text.slice(kind.length + 1).trim();
  if (kind === "phone") return `phone:${canonicalPhone(value)}`;
  if (kind === "email") return `email:${canonicalEmail(value)}`;
  const address = parseAddress(kind === "" ? text : `${kind}:${value}`);
  return `${address.kind}:${address.value}`;
}

function canonicalPhone(value: string): string {
  // Written as `00…` it is dialled from abroad, and means the same.
  const dialled = value.replace(/^00(?=\d)/, "+");
  try {
    const phone = parsePhoneNumberWithError(dialled);
    if (phone.isPossible()) return phone.number;
  } catch (cause) {
    throw noPhone(value, cause);
  }
  throw noPhone(value);
}

function noPhone(value: string, cause?: unknown): AnywireError {
  return new AnywireError(
    "bad_request",
    `${JSON.stringify(value.slice(0, 64))} is no phone number; write it with its country code, such as phone:+447700900123`,
    { cause },
  );
}

function canonicalEmail(value: string): string {
  const [, local = "", host = ""] = EMAIL.exec(value) ?? [];
  const domain = URL.parse(`http://${host}`)?.hostname ?? "";
  if (local !== "" && DOMAIN.test(domain)) return `${local.toLowerCase()}@${domain}`;
  throw new AnywireError(
    "bad_request",
    `${JSON.stringify(value.slice(0, 64))} is no email address; write it as email:ann@example.org`,
  );
}
