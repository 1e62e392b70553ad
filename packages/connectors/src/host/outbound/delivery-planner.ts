import {
  type ChannelDocument,
  type ConnectionDocument,
  channelKey,
  connectionKey,
  type DeliveryDocument,
  deliveryKey,
  type Log,
  type LogEntry,
  type MessageDocument,
  messageKey,
  type OriginDocument,
  originKey,
  type StateStore,
} from "@anywire/core";
import {
  AnywireError,
  type ChannelTypeRegistry,
  createEntryId,
  type DeliveryAction,
  type DeliveryEntry,
  type DeliveryError,
  type EntryData,
  parseChannelName,
  platformOf,
} from "@anywire/types";
import { isDeleting, isEditing, isReacting } from "../../contract/abilities.ts";
import type { Connections, OpenConnection } from "../connections/connections.ts";
import { CONNECTION_TEST } from "../connections/try-connection.ts";
import { chooseAddress, consentAddresses } from "./choose-address.ts";
import type { DeliverySteps } from "./delivery-steps.ts";
import { contactBehind, findRecipients, type Recipient } from "./find-recipients.ts";
import { readWishes } from "./load-delivery.ts";
import { refusalByNo } from "./send-checks.ts";

/** What planning needs. */
export interface DeliveryPlannerOptions {
  readonly log: Pick<Log, "head">;
  readonly state: StateStore;
  readonly connections: Connections;
  readonly channelTypes: ChannelTypeRegistry;
  readonly steps: DeliverySteps;
  readonly lifetimeMs: number;
  readonly now: () => number;
}

/** After so many attempts, what can't be had is taken for missing: the message is refused, its channel goes on. */
const PATIENCE = 6;

/** Where something goes out, or why it does not, and what stands in for that. */
type Way =
  | { readonly connection: OpenConnection }
  | {
      readonly connection: null;
      readonly id: string | null;
      readonly reason: string;
      readonly fallback: ConnectionDocument["fallback"];
    };

/** What is to be done, for one recipient. */
interface Intent {
  readonly channel: string;
  readonly network: string;
  readonly message: string;
  readonly action: DeliveryAction;
  readonly cause: string | null;
  readonly recipient: Recipient;
  readonly way: Way;
  readonly idParts: readonly string[];
  readonly expiresAt: number;
  readonly fallbackOf: string | null;
  /** Whether it only tries the connection out. */
  readonly isTest?: boolean;
  /** Why it is refused although it has a way. */
  readonly refusal?: DeliveryError | undefined;
}

/**
 * Plans deliveries: one for each contact who is to get what was said. What follows from one entry is planned once, however often
 * the entry comes by. What can't be delivered is planned as refused, so that the sender learns of it.
 */
export class DeliveryPlanner {
  readonly #options: DeliveryPlannerOptions;

  constructor(options: DeliveryPlannerOptions) {
    this.#options = options;
  }

  /** Whether what this entry says goes out over a network. */
  concerns({ channel, kind, sender }: LogEntry): boolean {
    if (kind !== "message" && kind !== "edit" && kind !== "delete" && kind !== "reaction") {
      return false;
    }
    if (!sender.startsWith("account:") && !sender.startsWith("function:")) return false;
    return this.#networkOf(channel) !== null;
  }

  /**
   * Plans what follows from an entry. `attempt` counts from 1.
   * @throws {AnywireError} when it can't be told now; come again
   */
  async plan(entry: LogEntry, attempt: number): Promise<void> {
    // From long before there was anybody to send it: nobody waits for it now.
    if (entry.at + this.#options.lifetimeMs <= this.#options.now()) return;
    if (entry.kind === "message") await this.#planMessage(entry, attempt);
    else await this.#planChange(entry, attempt);
  }

  /** Plans another delivery in the place of one that was not delivered in time. Once. */
  async planFallback(delivery: DeliveryDocument, fallback: { readonly connection: string }) {
    const { channel, participant, message, id, createdAt } = delivery;
    const found = await contactBehind(this.#options.state, channel, participant);
    const contact = found ?? { id: participant.slice("contact:".length), addresses: [] };
    const way = await this.#way(channel, fallback.connection, PATIENCE);
    await this.#append({
      channel,
      network: way.connection?.document.network ?? delivery.network,
      message,
      action: "send",
      cause: null,
      recipient: { participant, contact },
      way,
      idParts: ["delivery", message, participant, "fallback", id],
      expiresAt: Math.max(createdAt, this.#options.now()) + this.#options.lifetimeMs,
      fallbackOf: id,
      isTest: delivery.isTest === true,
      refusal: await this.#refusalThere(delivery, contact),
    });
  }

  /** Whoever said no to the connection that another one stands in for gets nothing through that one either. */
  async #refusalThere(
    { channel, connection, address }: DeliveryDocument,
    contact: Recipient["contact"],
  ): Promise<DeliveryError | undefined> {
    if (connection === null) return undefined;
    const { connections } = this.#options;
    // Where it can't be used, it is not known either which address it would have taken.
    const connector = await connections.find(connection).then(
      (found) => found?.connector,
      () => undefined,
    );
    const to = address ?? (connector && chooseAddress(contact, connector));
    const person = `${platformOf(channel)}.contact.${contact.id}`;
    const all = contact.addresses.map((one) => one.address);
    const addresses =
      connector === undefined || to === undefined ? all : consentAddresses(to, connector);
    return refusalByNo(await readWishes(this.#options, person, connection, addresses));
  }

  /** Null for what stays inside, or is sent by other means. */
  #networkOf(channel: string): string | null {
    const network = this.#options.channelTypes.get(parseChannelName(channel).type)?.network;
    return network === undefined || network === "app" || network === "any" ? null : network;
  }

  async #planMessage(entry: LogEntry, attempt: number): Promise<void> {
    const found = await this.#look(entry, entry.id);
    if (found === undefined) return;
    const { document } = found;
    const network = this.#networkOf(entry.channel) ?? "";
    let way: Way | undefined;
    for await (const recipients of findRecipients(this.#options.state, document, entry.sender)) {
      if (recipients.length === 0) continue;
      way ??= await this.#wayOf(document, network, attempt);
      await this.#planFor(recipients, entry, { network, way });
    }
  }

  async #planFor(
    recipients: readonly Recipient[],
    { id: message, channel, at, client }: LogEntry,
    { network, way }: Pick<Intent, "network" | "way">,
  ): Promise<void> {
    await Promise.all(
      recipients.map((recipient) =>
        this.#append({
          channel,
          network,
          message,
          action: "send",
          cause: null,
          recipient,
          way,
          idParts: ["delivery", message, recipient.participant],
          expiresAt: at + this.#options.lifetimeMs,
          fallbackOf: null,
          isTest: client === CONNECTION_TEST,
        }),
      ),
    );
  }

  async #planChange(entry: LogEntry, attempt: number): Promise<void> {
    const data = JSON.parse(entry.dataJson) as EntryData<"edit" | "delete" | "reaction">;
    const found = await this.#look(entry, data.target);
    if (found === undefined) return;
    const action = actionOf(entry, data);
    for (const place of await this.#placesOf(entry.channel, found.message)) {
      const way = await this.#way(entry.channel, place.connection, attempt);
      if (way.connection === null || !canChange(way.connection, action)) continue;
      const contact = await contactBehind(this.#options.state, entry.channel, place.participant);
      if (contact === undefined) continue;
      const idParts = ["delivery", data.target, place.participant, place.connection, action];
      await this.#append({
        channel: entry.channel,
        network: way.connection.document.network,
        message: data.target,
        action,
        cause: entry.id,
        recipient: { participant: place.participant, contact },
        way,
        // A message is taken back once, by whomever; all else as often as it is asked for.
        idParts: action === "delete" ? idParts : [...idParts, entry.id],
        expiresAt: entry.at + this.#options.lifetimeMs,
        fallbackOf: null,
        refusal: tooLate(way.connection, action, entry.at - found.message.at),
      });
    }
  }

  /** The channel and the message, if they are in the state; what the fold refused is not. */
  async #look(
    entry: LogEntry,
    message: string,
  ): Promise<{ document: ChannelDocument; message: MessageDocument } | undefined> {
    const { values } = await this.#options.state.get(
      [channelKey(entry.channel), messageKey(entry.channel, message)],
      { atLeast: entry.offset },
    );
    const [document, found] = values as [ChannelDocument | undefined, MessageDocument | undefined];
    if (document === undefined || found === undefined) return undefined;
    if (found.deleted && entry.kind !== "delete") return undefined;
    return { document, message: found };
  }

  /** Where a message is known to networks: where it was sent, or where it came from. */
  async #placesOf(
    channel: string,
    message: MessageDocument,
  ): Promise<{ connection: string; participant: string }[]> {
    const { state } = this.#options;
    const ids = (message.deliveries ?? []).map(({ id }) => id);
    const keys = [originKey(channel, message.id), ...ids.map((id) => deliveryKey(channel, id))];
    const [origin, ...deliveries] = (await state.get(keys)).values as [
      OriginDocument | undefined,
      ...(DeliveryDocument | undefined)[],
    ];
    const places = deliveries.flatMap((delivery) => {
      if (delivery === undefined || delivery.connection === null) return [];
      if (delivery.status === "failed" || delivery.status === "canceled") return [];
      return [{ connection: delivery.connection, participant: delivery.participant }];
    });
    if (origin === undefined) return places;
    return [...places, { connection: origin.connection, participant: message.sender }];
  }

  async #wayOf(document: ChannelDocument, network: string, attempt: number): Promise<Way> {
    const id =
      document.connection ??
      (await this.#options.connections.defaultOf(platformOf(document.channel), network));
    if (id !== undefined) return await this.#way(document.channel, id, attempt);
    const reason = `there is no connection for ${network}; create one, then send it again`;
    return { connection: null, id: null, reason, fallback: null };
  }

  async #way(channel: string, id: string, attempt: number): Promise<Way> {
    try {
      const connection = await this.#options.connections.find(id);
      if (connection === undefined || connection.document.platform !== platformOf(channel)) {
        const reason = `there is no connection ${id}; create it`;
        return { connection: null, id: null, reason, fallback: null };
      }
      const { isEnabled, fallback } = connection.document;
      if (isEnabled) return { connection };
      const reason = `connection ${id} is switched off; switch it on`;
      return { connection: null, id, reason, fallback };
    } catch (error) {
      if (!(error instanceof AnywireError) || attempt < PATIENCE) throw error;
      const { values } = await this.#options.state.get([connectionKey(id)]);
      const document = values[0] as ConnectionDocument | undefined;
      return { connection: null, id, reason: error.message, fallback: document?.fallback ?? null };
    }
  }

  async #append(intent: Intent): Promise<void> {
    const { channel, network, recipient, way, idParts, expiresAt, action } = intent;
    const address =
      way.connection === null
        ? undefined
        : chooseAddress(recipient.contact, way.connection.connector);
    const connection = way.connection === null ? way.id : way.connection.document.id;
    const plan = {
      id: createEntryId(),
      message: intent.message,
      action,
      cause: intent.cause,
      participant: `contact:${recipient.contact.id}`,
      address: address ?? null,
      connection,
      network,
      expiresAt,
      fallbackOf: intent.fallbackOf,
      fallback: this.#fallbackOf(intent),
      ...(intent.isTest === true ? { isTest: true as const } : {}),
    };
    const error = refusalOf(intent, address);
    const data: DeliveryEntry =
      error === undefined ? { step: "queued", ...plan } : { step: "refused", ...plan, error };
    await this.#options.steps.append({ channel, connection, network }, idParts, data);
  }

  /** Of a message on its first way only: what stands in for another has nobody to stand in for it. */
  #fallbackOf({ way, action, fallbackOf }: Intent): { connection: string; at: number } | null {
    const { fallback } = way.connection === null ? way : way.connection.document;
    if (fallback === null || action !== "send" || fallbackOf !== null) return null;
    return { connection: fallback.connection, at: this.#options.now() + fallback.afterMs };
  }
}

function actionOf(entry: LogEntry, data: object): DeliveryAction {
  if (entry.kind === "edit" || entry.kind === "delete") return entry.kind;
  return "action" in data && data.action === "remove" ? "unreact" : "react";
}

function canChange({ connector }: OpenConnection, action: DeliveryAction): boolean {
  if (action === "edit") return isEditing(connector);
  if (action === "delete") return isDeleting(connector);
  return isReacting(connector);
}

function tooLate(
  { capabilities }: OpenConnection,
  action: DeliveryAction,
  ageMs: number,
): DeliveryError | undefined {
  if (action !== "edit" && action !== "delete") return undefined;
  const { maxAgeMs } = capabilities[action] ?? {};
  if (maxAgeMs === undefined || ageMs <= maxAgeMs) return undefined;
  const minutes = Math.round(maxAgeMs / 60_000);
  const reason = `this network lets a message be changed for ${minutes} min; it stays there as it was`;
  return { class: "unsupported", reason };
}

function refusalOf(
  { way, recipient, refusal }: Intent,
  address: string | undefined,
): DeliveryError | undefined {
  if (way.connection === null) return { class: "no_connection", reason: way.reason };
  if (address === undefined) {
    const kinds = way.connection.connector.addressKinds.join(" or ");
    const reason = `contact ${recipient.contact.id} has no address that ${way.connection.document.id} reaches; add one of kind ${kinds}`;
    return { class: "no_address", reason };
  }
  return refusal;
}
