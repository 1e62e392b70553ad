import { accountIdOf } from "@anywire/types";
import type { LogEntry } from "../ports/log.ts";
import type { StateAddress, StateItem } from "../ports/state-store.ts";
import { isDomainKind } from "./fold.ts";
import { ACCOUNT, channelKey, isWatched, membershipKeyOf, participantKey } from "./state-key.ts";
import type { StateSource } from "./state-view.ts";

/** What changes nothing that is watched. */
const UNWATCHED: ReadonlySet<string> = new Set(["delivery", "consent", "connection", "inbound"]);

/** What the data of entries names. */
interface Named {
  readonly channel?: string;
  readonly participant?: string;
  readonly participants?: readonly (string | { readonly address: string })[];
}

/**
 * The watched items that an entry can have written, as they are now: for a node that hears of an entry which another
 * has folded. Null when it can have changed nothing.
 */
export function touchedItems(
  entry: Pick<LogEntry, "kind" | "channel" | "sender" | "dataJson">,
  source: Pick<StateSource, "read">,
): readonly StateItem[] | null {
  const { kind, channel, sender, dataJson } = entry;
  if (kind !== "message" && (!isDomainKind(kind) || UNWATCHED.has(kind))) return null;
  if (kind === "message" && source.read(channel, channelKey(channel).sort) === undefined)
    return null;
  const data = kind === "message" ? {} : (JSON.parse(dataJson) as Named);
  // What stands on a notification channel names the channel that it is about.
  const about = data.channel ?? channel;
  const people = [sender, ...peopleOf(data)];
  const addresses: StateAddress[] = [channelKey(about), { partition: channel, sort: ACCOUNT }];
  for (const address of people) {
    addresses.push(participantKey(about, address));
    const key = accountIdOf(address) === undefined ? undefined : membershipKeyOf(about, address);
    if (key !== undefined) addresses.push(key);
  }
  const isOwn = about !== channel;
  return addresses
    .filter(({ sort }) => isWatched(sort) && isMeant(sort, kind, isOwn))
    .map(({ partition, sort }) => ({ partition, sort, value: source.read(partition, sort) }))
    .filter(({ value }) => value !== undefined);
}

/** A read mark does not change the channel, and only an entry of kind `account` changes the account. */
function isMeant(sort: string, kind: LogEntry["kind"], isOwn: boolean): boolean {
  if (sort === ACCOUNT) return kind === "account";
  return !(isOwn && sort === channelKey("").sort);
}

function peopleOf({ participant, participants = [] }: Named): string[] {
  const named = participants.map((one) => (typeof one === "string" ? one : one.address));
  return participant === undefined ? named : [participant, ...named];
}
