import {
  AnywireError,
  accountIdOf,
  type ChannelType,
  formatChannelName,
  isAccountId,
  isSegment,
  parseAddress,
} from "@anywire/types";
import { contactBehind, contactNow, contactWith } from "../contacts/contact-operations.ts";
import { accountKey, contactKey, participantKey } from "../state/state-key.ts";
import type { MessagingContext } from "./messaging-context.ts";
import { type Caller, notFound } from "./operation.ts";

/** How many unknown participants an error names. */
const NAMED = 5;

/**
 * Whom a request names: an account or a contact by its id; behind any other address, the contact who has it, which is made
 * when nobody has it. A contact that was merged is the one it was merged into. Whether the platform knows them is for
 * `assertKnown` to say.
 * @throws {AnywireError} `bad_request`, and what `contactBehind` throws
 */
export async function resolveParticipant(
  context: MessagingContext,
  caller: Caller,
  given: string,
): Promise<string> {
  const id = idOf(given);
  if (id === undefined) return await contactBehind(context, caller, given);
  return id.kind === "account" ? given : await contactNow(context, caller, id.value);
}

/**
 * Who of a channel a request names. Makes nobody new, and a contact goes by the name under which it came to the channel
 * also after it was merged.
 * @throws {AnywireError} `bad_request`; `not_found` that does not tell whether anybody has the address
 */
export async function resolveSeat(
  context: MessagingContext,
  caller: Caller,
  channel: string,
  given: string,
): Promise<string> {
  return await context.secondLook(channel, async () => {
    for (const address of await namesOf(context, caller, given)) {
      const participant = await context.get(participantKey(channel, address));
      if (participant?.leftOffset === null) return address;
    }
    throw notFound(`${given} does not take part in ${channel}`);
  });
}

/**
 * Lets participants pass that the platform knows. Names are those of the caller's own platform: nobody from another can be
 * named.
 * @throws {AnywireError} `not_found` that names those it does not
 */
export async function assertKnown(
  context: MessagingContext,
  { principal }: Caller,
  addresses: readonly string[],
): Promise<void> {
  const { platform } = principal;
  const keys = addresses.map((address) => {
    const accountId = accountIdOf(address);
    if (accountId !== undefined) return accountKey(platform, accountId);
    const id = parseAddress(address).value;
    return contactKey(formatChannelName({ platform, type: "contact", id }));
  });
  // Each has a channel of its own.
  await context.secondLook(">", async () => {
    const documents = await context.getAll<unknown>(keys);
    const unknown = addresses.filter((_, i) => documents[i] === undefined);
    if (unknown.length > 0) throw unknownParticipants(platform, unknown);
  });
}

function unknownParticipants(platform: string, unknown: readonly string[]): AnywireError {
  const names = unknown.slice(0, NAMED).join(", ");
  const hints = [
    ...(unknown.some((address) => accountIdOf(address) !== undefined)
      ? ["an account is known once it has connected or was saved at /v1/accounts"]
      : []),
    ...(unknown.some((address) => accountIdOf(address) === undefined)
      ? ["a contact is made at /v1/contacts, or by naming an address such as phone:+447700900123"]
      : []),
  ];
  return notFound(
    `${platform} knows no ${names}${unknown.length > NAMED ? " …" : ""}; ${hints.join("; ")}`,
  );
}

/**
 * Lets participants pass that a type of channel can reach. Comes before they are resolved: who has no business with
 * contacts learns nothing of them.
 * @throws {AnywireError} `bad_request`
 */
export function assertReachable(
  { name, network }: Pick<ChannelType, "name" | "network">,
  participants: readonly string[],
): void {
  const outside = participants.find((address) => accountIdOf(address) === undefined);
  if (network !== "app" || outside === undefined) return;
  throw new AnywireError(
    "bad_request",
    `${outside} is no account, and a ${name} channel stays in the app; name account:<id>, or reach contacts over a network, such as sms`,
  );
}

/** An id that is named as such; undefined when it is some other address. @throws {AnywireError} `bad_request` */
function idOf(
  given: string,
): { readonly kind: "account" | "contact"; readonly value: string } | undefined {
  const colon = given.indexOf(":");
  const kind = given.slice(0, Math.max(0, colon));
  const value = given.slice(colon + 1);
  if (kind !== "account" && kind !== "contact") return undefined;
  if (kind === "account" ? isAccountId(value) : isSegment(value)) return { kind, value };
  throw new AnywireError("bad_request", `${given.slice(0, 100)} is no ${kind}'s address`);
}

/** The names under which somebody can have come to a channel. */
async function namesOf(
  context: MessagingContext,
  caller: Caller,
  given: string,
): Promise<readonly string[]> {
  const id = idOf(given);
  if (id === undefined) {
    const contact = await contactWith(context, caller, given);
    return contact === undefined ? [] : [contact];
  }
  return id.kind === "account" ? [given] : [given, await contactNow(context, caller, id.value)];
}
