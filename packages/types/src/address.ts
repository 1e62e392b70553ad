import { z } from "zod";
import { AnywireError } from "./errors.ts";

/** The parts of `kind:value`: an account, or where a contact is reached. */
export interface Address {
  /** `account`, `phone`, `email`, `whatsapp`, `x` … */
  readonly kind: string;
  readonly value: string;
}

const ADDRESS = /^([a-z][a-z0-9_-]{0,31}):([^\s\p{Cc}]{1,256})$/u;
/** A value of each kind that has a form of its own. */
const EXAMPLES: Readonly<Record<string, string>> = {
  account: "bob",
  phone: "+447700900123",
  whatsapp: "+447700900123",
  email: "ann@example.org",
  x: "9001",
  telegram: "987654321",
  slack: "U012AB3CD",
  pigeon: "loft-7",
};

const ACCOUNT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether a text can be an account's id: one segment, since it names a notification channel. */
export function isAccountId(text: string): boolean {
  return ACCOUNT_ID.test(text);
}

/** The address of an account. */
export function accountAddress(accountId: string): string {
  return `account:${accountId}`;
}

/**
 * Takes an address apart.
 * @throws {AnywireError} `bad_request` when it is not one.
 */
export function parseAddress(address: string): Address {
  const [, kind, value] = ADDRESS.exec(address) ?? [];
  if (kind === undefined || value === undefined) {
    throw new AnywireError(
      "bad_request",
      `${JSON.stringify(address.slice(0, 200))} is not an address; write kind:value without spaces, such as ${exampleLike(address)}`,
    );
  }
  return { kind, value };
}

/** An address of the kind that was meant. */
function exampleLike(text: string): string {
  const [, kind = "", value = ""] = /^([a-z][a-z0-9_-]{0,31}):(.{0,64})/su.exec(text) ?? [];
  if (kind === "") return "account:bob or phone:+447700900123";
  if (Object.hasOwn(EXAMPLES, kind)) return `${kind}:${EXAMPLES[kind]}`;
  return `${kind}:${value.trim().replace(/[\s\p{Cc}]+/gu, "-") || "name"}`;
}

/** The account behind an address, or undefined when it is not an account's. */
export function accountIdOf(address: string): string | undefined {
  return address.startsWith("account:") ? address.slice("account:".length) : undefined;
}

/** An account's id in a request or token. */
export const accountIdSchema = z
  .string()
  .regex(ACCOUNT_ID, "must be 1 to 64 letters, digits, _ or -")
  .describe("An account's id, such as `bob`.");

/** An address in a request or reply. */
export const addressSchema = z
  .string()
  .regex(ADDRESS, "must be kind:value, such as account:bob")
  .describe("Who sent it, as `kind:value`, such as `account:bob`.");
