import { AnywireError, type ContactEntry, parseChannelName } from "@anywire/types";
import type { ContactDocument } from "./documents.ts";
import type { FoldEntry } from "./fold.ts";
import { addressKey, contactIndexKey, contactKey } from "./state-key.ts";
import type { StateView } from "./state-view.ts";

const MAX_ADDRESSES = 100;

type Data<A extends ContactEntry["action"]> = Extract<ContactEntry, { action: A }>;
type ContactAddress = ContactDocument["addresses"][number];

/**
 * What was decided about a contact. An address belongs to one contact; merging moves addresses and remembers where they
 * came from, so that unmerging gives back those that are still there.
 * @throws {AnywireError} `conflict`, `not_found`
 */
export function foldContact(view: StateView, entry: FoldEntry, data: ContactEntry): void {
  if (data.action === "created") create(view, entry, data);
  else if (data.action === "merged") merge(view, entry, data);
  else if (data.action === "unmerged") unmerge(view, entry, data);
  else view.set(contactKey(entry.channel), change(view, entry, data));
}

function create(view: StateView, entry: FoldEntry, data: Data<"created">): void {
  const { platform, id } = parseChannelName(entry.channel);
  const { name, meta } = data;
  if (view.get(contactKey(entry.channel)) !== undefined) {
    throw conflict(`there is a contact ${id} already`);
  }
  const addresses = [...new Set(data.addresses)].map((address) => {
    claim(view, entry, address);
    return { address, addedAt: entry.at, verifiedAt: null, from: [] };
  });
  assertRoom(addresses);
  view.set(contactKey(entry.channel), {
    id,
    name,
    addresses,
    mergedInto: null,
    meta,
    createdAt: entry.at,
  });
  view.set(contactIndexKey(platform, id), true);
}

function change(
  view: StateView,
  entry: FoldEntry,
  data: Exclude<ContactEntry, { action: "created" | "merged" | "unmerged" }>,
): ContactDocument {
  const contact = present(view, entry.channel);
  if (data.action === "updated") {
    const { name = contact.name, meta = contact.meta } = data;
    return { ...contact, name, meta };
  }
  if (data.action === "address_added") return add(view, entry, contact, data.address);
  const old = addressOf(contact, data.action === "address_rotated" ? data.from : data.address);
  if (data.action === "address_verified") {
    return withAddress(contact, old, { ...old, verifiedAt: entry.at });
  }
  if (data.action === "address_rotated") {
    if (data.to === data.from) return contact;
    claim(view, entry, data.to);
    release(view, entry, data.from);
    const rotated = { ...old, address: data.to, addedAt: entry.at, verifiedAt: null };
    return withAddress(contact, old, rotated);
  }
  release(view, entry, data.address);
  return { ...contact, addresses: contact.addresses.filter((one) => one !== old) };
}

function add(
  view: StateView,
  entry: FoldEntry,
  contact: ContactDocument,
  address: string,
): ContactDocument {
  if (contact.addresses.some((one) => one.address === address)) return contact;
  claim(view, entry, address);
  const added = { address, addedAt: entry.at, verifiedAt: null, from: [] };
  const addresses = [...contact.addresses, added];
  assertRoom(addresses);
  return { ...contact, addresses };
}

function merge(view: StateView, entry: FoldEntry, { from }: Data<"merged">): void {
  const into = present(view, entry.channel);
  if (from === into.id) throw conflict(`contact ${from} cannot be merged into itself`);
  const otherChannel = channelOf(entry, from);
  const other = present(view, otherChannel);
  const moved = other.addresses.map((one) => ({ ...one, from: [...one.from, from] }));
  const addresses = [...into.addresses, ...moved];
  assertRoom(addresses);
  for (const { address } of moved) setOwner(view, entry, address, into.id);
  view.set(contactKey(entry.channel), { ...into, addresses });
  view.set(contactKey(otherChannel), { ...other, addresses: [], mergedInto: into.id });
}

function unmerge(view: StateView, entry: FoldEntry, { from }: Data<"unmerged">): void {
  const into = present(view, entry.channel);
  const otherChannel = channelOf(entry, from);
  const other = view.get(contactKey(otherChannel));
  if (other?.mergedInto !== into.id) {
    throw conflict(`contact ${from} is not merged into ${into.id}`);
  }
  const isTheirs = (one: ContactAddress): boolean => one.from.at(-1) === from;
  const back = into.addresses.filter(isTheirs);
  for (const { address } of back) setOwner(view, entry, address, from);
  const addresses = back.map((one) => ({ ...one, from: one.from.slice(0, -1) }));
  view.set(contactKey(otherChannel), { ...other, addresses, mergedInto: null });
  const kept = into.addresses.filter((one) => !isTheirs(one));
  view.set(contactKey(entry.channel), { ...into, addresses: kept });
}

/** A contact that is not merged into another. */
function present(view: StateView, channel: string): ContactDocument {
  const contact = view.get(contactKey(channel));
  const { id } = parseChannelName(channel);
  if (contact === undefined) throw new AnywireError("not_found", `there is no contact ${id}`);
  if (contact.mergedInto === null) return contact;
  throw conflict(
    `contact ${id} is merged into ${contact.mergedInto}; turn to that one, or unmerge it first`,
  );
}

function addressOf(contact: ContactDocument, address: string): ContactAddress {
  const found = contact.addresses.find((one) => one.address === address);
  if (found !== undefined) return found;
  throw new AnywireError("not_found", `contact ${contact.id} has no address ${address}`);
}

function withAddress(
  contact: ContactDocument,
  old: ContactAddress,
  other: ContactAddress,
): ContactDocument {
  return { ...contact, addresses: contact.addresses.map((one) => (one === old ? other : one)) };
}

function claim(view: StateView, entry: FoldEntry, address: string): void {
  const { platform, id } = parseChannelName(entry.channel);
  const owner = view.get(addressKey(platform, address));
  if (owner === id) throw conflict(`contact ${id} has ${address} already`);
  if (owner !== undefined) {
    throw conflict(`${address} belongs to contact ${owner}; merge the two, or take it away there`);
  }
  setOwner(view, entry, address, id);
}

function release(view: StateView, entry: FoldEntry, address: string): void {
  view.delete(addressKey(parseChannelName(entry.channel).platform, address));
}

function setOwner(view: StateView, entry: FoldEntry, address: string, id: string): void {
  view.set(addressKey(parseChannelName(entry.channel).platform, address), id);
}

function channelOf(entry: FoldEntry, contactId: string): string {
  return `${parseChannelName(entry.channel).platform}.contact.${contactId}`;
}

function assertRoom(addresses: readonly unknown[]): void {
  if (addresses.length <= MAX_ADDRESSES) return;
  throw conflict(`a contact has at most ${MAX_ADDRESSES} addresses`);
}

function conflict(message: string): AnywireError {
  return new AnywireError("conflict", message);
}
