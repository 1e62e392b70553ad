import { canonicalAddress } from "@anywire/core";
import { parseAddress } from "@anywire/types";

/** The id that a business knows a person by: a country, a dot, and letters and digits; with `ENT.` that of linked businesses. */
export const BSUID = /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/;
/** A number as Meta writes it. */
export const WA_ID = /^\+?\d{5,20}$/;

/** Where a message goes. An id must not stand in `to`: Meta answers as if it had taken it, and drops it. */
export type WhatsappRecipient = { readonly to: string } | { readonly recipient: string };

/** The field of a message that names the person; undefined when the address is none of WhatsApp. */
export function recipientOf(address: string): WhatsappRecipient | undefined {
  const { kind, value } = parseAddress(address);
  if (kind !== "whatsapp") return undefined;
  if (BSUID.test(value)) return { recipient: value };
  return /^\+\d{5,20}$/.test(value) ? { to: value } : undefined;
}

/** The address of a number, such as `whatsapp:+447700900123`. */
export function numberAddress(waId: string, kind: "whatsapp" | "phone" = "whatsapp"): string {
  const number = `+${waId.replace(/^\+/, "")}`;
  try {
    return canonicalAddress(`${kind}:${number}`);
  } catch {
    return `${kind}:${number}`;
  }
}

/** All names that Meta gives for one person, the one that always works first. */
export function addressesOf(
  userId: string | undefined,
  waId: string | undefined,
): readonly string[] {
  const named = userId === undefined ? [] : [`whatsapp:${userId}`];
  if (waId === undefined) return named;
  return [...named, numberAddress(waId), numberAddress(waId, "phone")];
}
