import {
  addressKey,
  type ContactDocument,
  canonicalAddress,
  contactKey,
  participantKey,
} from "@anywire/core";
import { AnywireError, formatChannelName } from "@anywire/types";
import type { InboundSender } from "../../contract/inbound-event.ts";
import { cleanLine } from "./clean-text.ts";
import type { InboundDesk } from "./inbound-desk.ts";

/** Whoever wrote, as the product knows them. */
export interface KnownContact {
  readonly document: ContactDocument;
  /** Their addresses at the network in canonical form, best first. */
  readonly addresses: readonly string[];
  /** Names under which they can have come to channels: their own, and those of contacts that were merged into it. */
  readonly names: readonly [string, ...string[]];
}

/** What others do at the same time is looked at again so often. */
const MAX_TURNS = 5;
/** More names of one person are of no use. */
const MAX_ADDRESSES = 20;
const MAX_REASON_LENGTH = 512;
/** Addresses that no network can give: whoever has one is no contact, or one already. */
const INSIDE = /^(?:account|contact):/;

/**
 * Who is behind a sender: the contact that has the first of the addresses that somebody has. Addresses that nobody has become its
 * own; a contact that has another of them is merged into it, since the network names them as one. When nobody has any, a new
 * contact.
 * @throws {AnywireError} `bad_request` when none of the addresses is one
 */
export async function contactBehind(
  desk: InboundDesk,
  platform: string,
  sender: InboundSender,
): Promise<KnownContact> {
  const addresses = addressesOf(sender);
  for (let turn = 1; ; turn += 1) {
    try {
      const id = await reach(desk, platform, addresses, sender.name);
      const contact = await contactOf(desk, platform, id, addresses);
      return await named(desk, platform, contact, sender.name);
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      // Another node, or an operator, decided about one of the addresses meanwhile.
      if (turn < MAX_TURNS) continue;
      // One that can't be brought together with the others, such as a contact that is full, is no reason to lose what it says.
      const contact = await knownContact(desk, platform, sender);
      if (contact === undefined) throw error;
      desk.options.onError(error);
      return contact;
    }
  }
}

/** Who is behind a sender, if anybody is: nothing is made or changed. */
export async function knownContact(
  desk: InboundDesk,
  platform: string,
  sender: InboundSender,
): Promise<KnownContact | undefined> {
  const addresses = addressesOf(sender);
  const owners = await ownersOf(desk, platform, addresses);
  const id = owners.find((owner) => owner !== undefined);
  return id === undefined ? undefined : await contactOf(desk, platform, id, addresses);
}

/** The contact who has an address, by id. */
export async function ownerOf(
  desk: InboundDesk,
  platform: string,
  address: string,
): Promise<string | undefined> {
  return await desk.get(addressKey(platform, address));
}

/** A contact's own channel. */
export function contactChannel(platform: string, id: string): string {
  return formatChannelName({ platform, type: "contact", id });
}

/** The name under which a contact takes part in a channel; undefined when it does not. */
export async function seatOf(
  desk: InboundDesk,
  channel: string,
  names: readonly string[],
): Promise<string | undefined> {
  const seats = await desk.getAll(names.map((name) => participantKey(channel, name)));
  return seats.find((seat) => seat?.leftOffset === null)?.address;
}

/** A sender's addresses in canonical form, best first. @throws {AnywireError} `bad_request` when none of them is one */
export function addressesOf({ addresses }: InboundSender): readonly string[] {
  const found = new Set<string>();
  let refusal: unknown;
  for (const given of addresses.slice(0, MAX_ADDRESSES)) {
    try {
      const address = canonicalAddress(given);
      if (!INSIDE.test(address)) found.add(address);
    } catch (error) {
      refusal ??= error;
    }
  }
  if (found.size > 0) return [...found];
  throw refusal ?? new AnywireError("bad_request", "the sender has no address");
}

async function ownersOf(
  desk: InboundDesk,
  platform: string,
  addresses: readonly string[],
): Promise<readonly (string | undefined)[]> {
  return await desk.getAll(addresses.map((address) => addressKey(platform, address)));
}

/** The id of the contact that has all of the addresses, once that is so. */
async function reach(
  desk: InboundDesk,
  platform: string,
  addresses: readonly string[],
  givenName: string | undefined,
): Promise<string> {
  const name = givenName === undefined ? undefined : cleanLine(givenName);
  const owners = await ownersOf(desk, platform, addresses);
  const id = owners.find((owner) => owner !== undefined);
  if (id === undefined) return await create(desk, platform, addresses, name);
  for (const [i, address] of addresses.entries()) {
    if (owners[i] === undefined) await add(desk, platform, id, address);
    else if (owners[i] !== id) await merge(desk, platform, id, owners[i], address);
  }
  return id;
}

async function create(
  desk: InboundDesk,
  platform: string,
  addresses: readonly string[],
  name: string | undefined,
): Promise<string> {
  const created = await desk.call(platform, "contact.create", {
    addresses,
    name: name ?? null,
    reason: "wrote to us",
  });
  return (created as ContactDocument).id;
}

async function add(
  desk: InboundDesk,
  platform: string,
  id: string,
  address: string,
): Promise<void> {
  const reason = "the network names it as the same person's";
  await desk.call(platform, "contact.add_address", { id, address, reason });
}

async function merge(
  desk: InboundDesk,
  platform: string,
  id: string,
  from: string,
  address: string,
): Promise<void> {
  const reason = `the network names ${address} as the same person's`.slice(0, MAX_REASON_LENGTH);
  // Two addresses of one other contact: the first has brought it along.
  if ((await ownerOf(desk, platform, address)) === id) return;
  await desk.call(platform, "contact.merge", { id, from, reason });
}

/** With the name that it has at the network, where it had none. */
async function named(
  desk: InboundDesk,
  platform: string,
  contact: KnownContact,
  givenName: string | undefined,
): Promise<KnownContact> {
  const name = givenName === undefined ? undefined : cleanLine(givenName);
  const { id, name: known } = contact.document;
  if (name === undefined || known !== null) return contact;
  const document = await desk.call(platform, "contact.update", { id, name });
  return { ...contact, document: document as ContactDocument };
}

async function contactOf(
  desk: InboundDesk,
  platform: string,
  id: string,
  addresses: readonly string[],
): Promise<KnownContact> {
  const document = await desk.get(contactKey(contactChannel(platform, id)));
  if (document === undefined) throw new AnywireError("not_found", `there is no contact ${id}`);
  const merged = new Set(document.addresses.flatMap(({ from }) => from));
  const names = [...merged].map((one) => `contact:${one}`);
  return { document, addresses, names: [`contact:${id}`, ...names] };
}

function isOvertaken(error: unknown): error is AnywireError {
  const codes = ["conflict", "not_found"];
  return error instanceof AnywireError && codes.includes(error.code);
}
