import {
  accountKey,
  type ChannelDocument,
  type ConsentDocument,
  type ContactDocument,
  channelKey,
  consentKey,
  contactKey,
  type DeliveryDocument,
  deliveryKey,
  type ExchangeDocument,
  exchangeKey,
  isLate,
  type Log,
  type LogEntry,
  type MessageDocument,
  messageKey,
  type StateKey,
  type StateStore,
} from "@anywire/core";
import { type Account, accountIdOf, type Message, platformOf } from "@anywire/types";
import type { OpenConnection } from "../connections/connections.ts";
import { consentAddresses } from "./choose-address.ts";
import type { QueuedDelivery } from "./delivery-queue.ts";
import { contactBehind } from "./find-recipients.ts";

/** All that is known of a delivery whose turn has come, of one moment. */
export interface LoadedDelivery {
  readonly delivery: DeliveryDocument;
  readonly channel: ChannelDocument;
  /** Undefined where there is no such message any more. */
  readonly message: MessageDocument | undefined;
  readonly consents: readonly ConsentDocument[];
  readonly exchange: ExchangeDocument | undefined;
  /** Every entry up to here was looked at. */
  readonly position: number;
}

/** Where deliveries are read from. */
export interface DeliverySource {
  readonly log: Pick<Log, "head">;
  readonly state: StateStore;
}

/** Reads what decides about a delivery; undefined when it is not there. */
export async function loadDelivery(
  source: DeliverySource,
  { connector, document: { id: connection } }: OpenConnection,
  item: QueuedDelivery,
): Promise<LoadedDelivery | undefined> {
  const { state } = source;
  const { channel, id, message, participant, to } = item;
  const platform = platformOf(channel);
  const contact = contactChannel(platform, participant);
  const addresses = consentAddresses(to, connector);
  const keys = [
    deliveryKey(channel, id),
    channelKey(channel),
    messageKey(channel, message),
    exchangeKey(platform, connection, participant),
    contactKey(contact),
    ...consentKeys(platform, connection, addresses),
  ];
  const atLeast = Math.max(item.atLeast, await wishedUpTo(source, contact));
  const { values, position } = await state.get(keys, { atLeast });
  const [delivery, opened, found, own, person, ...consents] = values as [
    DeliveryDocument | undefined,
    ChannelDocument | undefined,
    MessageDocument | undefined,
    ExchangeDocument | undefined,
    ContactDocument | undefined,
    ...(ConsentDocument | undefined)[],
  ];
  if (delivery === undefined || opened === undefined) return undefined;
  const said = consents.filter((consent) => consent !== undefined);
  const exchange = await latestExchange(state, { channel, connection, participant }, own, person);
  return { delivery, channel: opened, message: found, consents: said, exchange, position };
}

/** What a person, known by their channel, said to a connection and to all, at these addresses. */
export async function readWishes(
  source: DeliverySource,
  person: string,
  connection: string,
  addresses: readonly string[],
): Promise<ConsentDocument[]> {
  const keys = consentKeys(platformOf(person), connection, addresses);
  const atLeast = await wishedUpTo(source, person);
  const { values } = await source.state.get(keys, { atLeast });
  return (values as (ConsentDocument | undefined)[]).filter((one) => one !== undefined);
}

function consentKeys(
  platform: string,
  connection: string,
  addresses: readonly string[],
): StateKey<ConsentDocument>[] {
  return addresses.flatMap((address) => [
    consentKey(platform, address, connection),
    consentKey(platform, address, null),
  ]);
}

/** The last entry by which a person may have said whether to be written to: a state that trails must have it before anything leaves. */
async function wishedUpTo({ log, state }: DeliverySource, contact: string): Promise<number> {
  return isLate(state) ? await log.head(contact) : 0;
}

function contactChannel(platform: string, participant: string): string {
  return `${platform}.contact.${participant.slice("contact:".length)}`;
}

/** Of all that was said between a connection and a person, also under the names of contacts that became one, what they said last. */
async function latestExchange(
  state: StateStore,
  place: { readonly channel: string; readonly connection: string; readonly participant: string },
  own: ExchangeDocument | undefined,
  person: ContactDocument | undefined,
): Promise<ExchangeDocument | undefined> {
  const { channel, connection, participant } = place;
  const contact =
    person === undefined || person.mergedInto === null
      ? person
      : await contactBehind(state, channel, `contact:${person.mergedInto}`);
  if (contact === undefined) return own;
  const names = new Set([contact.id, ...contact.addresses.flatMap(({ from }) => from)]);
  names.delete(participant.slice("contact:".length));
  if (names.size === 0) return own;
  const platform = platformOf(channel);
  const { values } = await state.get(
    [...names].map((name) => exchangeKey(platform, connection, `contact:${name}`)),
  );
  const found = [own, ...(values as (ExchangeDocument | undefined)[])];
  const said = found.filter((one) => one !== undefined);
  return said.sort((a, b) => (b.inboundAt ?? 0) - (a.inboundAt ?? 0))[0];
}

/** What a message says now, and the entry it was said with; undefined when the log does not have it. */
export async function readMessage(
  log: Pick<Log, "read">,
  { channel }: Pick<DeliveryDocument, "channel">,
  message: MessageDocument,
): Promise<{ readonly said: Message; readonly entry: LogEntry } | undefined> {
  const { entries } = await log.read({
    pattern: channel,
    after: message.offset - 1,
    limit: 1,
    order: "asc",
  });
  const [entry] = entries;
  if (entry?.id !== message.id || entry.kind !== "message") return undefined;
  return { said: message.edited ?? (JSON.parse(entry.dataJson) as Message), entry };
}

/** The entry that asked for a change, looked for behind its message; undefined when it is not there. */
export async function readCause(
  log: Pick<Log, "read">,
  { channel, cause, messageOffset, steps }: DeliveryDocument,
): Promise<LogEntry | undefined> {
  const [plannedAt] = steps;
  let before = plannedAt ?? Number.MAX_SAFE_INTEGER;
  // It stands right before its plan, but where much was said meanwhile.
  for (let limit = 16; ; limit = 500) {
    const after = messageOffset;
    const page = await log.read({ pattern: channel, after, before, limit, order: "desc" });
    const found = page.entries.find(({ id }) => id === cause);
    const last = page.entries.at(-1);
    if (found !== undefined || !page.hasMore || last === undefined) return found;
    before = last.offset;
  }
}

const MANY = 1_000;
const FRESH_MS = 10_000;

/** The names under which senders are known, remembered for some seconds. */
export class SenderNames {
  readonly #state: StateStore;
  readonly #now: () => number;
  readonly #names = new Map<string, { readonly name: string | null; readonly until: number }>();

  constructor(state: StateStore, now: () => number) {
    this.#state = state;
    this.#now = now;
  }

  /** Null for who has none. */
  async of(platform: string, sender: string): Promise<string | null> {
    const account = accountIdOf(sender);
    if (account === undefined) return null;
    const key = `${platform} ${account}`;
    const known = this.#names.get(key);
    if (known !== undefined && known.until > this.#now()) return known.name;
    const { values } = await this.#state.get([accountKey(platform, account)]);
    const name = (values[0] as Account | undefined)?.name ?? null;
    if (this.#names.size >= MANY) this.#names.clear();
    this.#names.set(key, { name, until: this.#now() + FRESH_MS });
    return name;
  }
}
