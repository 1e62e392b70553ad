import type { ContactDocument } from "@anywire/core";
import { parseAddress } from "@anywire/types";
import type { Connector } from "../../contract/connector.ts";

type Kinds = Pick<Connector, "addressKinds" | "alsoReaches" | "reaches">;

/**
 * The address of a contact that a connector reaches, as the connector wants it: of its own kinds, best first, before those that
 * stand for one of them; a verified one before others; else the one the contact had first. Undefined when it reaches none.
 */
export function chooseAddress(
  contact: Pick<ContactDocument, "addresses">,
  kinds: Kinds,
): string | undefined {
  const { addressKinds, alsoReaches = {} } = kinds;
  const found = contact.addresses.flatMap(({ address, verifiedAt }) => {
    const { kind, value } = parseAddress(address);
    const own = addressKinds.indexOf(kind);
    const isVerified = verifiedAt !== null;
    if (own >= 0) return [{ address, rank: own, isVerified }];
    const other = Object.hasOwn(alsoReaches, kind) ? alsoReaches[kind] : undefined;
    if (other === undefined) return [];
    return [{ address: `${other}:${value}`, rank: addressKinds.length, isVerified }];
  });
  const ranked = found.filter(({ address }) => kinds.reaches?.(address) !== false);
  // Sorting is stable: what is equal stays in the contact's order.
  ranked.sort((a, b) => a.rank - b.rank || Number(b.isVerified) - Number(a.isVerified));
  return ranked[0]?.address;
}

/** All addresses under which a person may have said whether to be written to at this one: it may stand for another. */
export function consentAddresses(address: string, { alsoReaches = {} }: Kinds): string[] {
  const { kind, value } = parseAddress(address);
  const others = Object.entries(alsoReaches).filter(([, stands]) => stands === kind);
  return [address, ...others.map(([other]) => `${other}:${value}`)];
}
