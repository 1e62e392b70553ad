import { type DeliveryDocument, deliveryKey, type Log, type StateStore } from "@anywire/core";
import {
  type ChannelTypeRegistry,
  type DeliveryError,
  type EntryData,
  type Message,
  parseChannelName,
  platformOf,
} from "@anywire/types";
import {
  type ChangeJob,
  isDeleting,
  isEditing,
  isEstimating,
  isReacting,
  isReconciling,
} from "../../contract/abilities.ts";
import type { MediaSource, SendJob, SendResult } from "../../contract/send.ts";
import type { OpenConnection } from "../connections/connections.ts";
import { hideSecrets } from "../connections/hide-secrets.ts";
import { checkResult } from "./check-result.ts";
import { dueAtOf, type QueuedDelivery } from "./delivery-queue.ts";
import type { DeliverySteps } from "./delivery-steps.ts";
import { externalIdsOf, openingOf, referencesBefore } from "./external-ids.ts";
import {
  type LoadedDelivery,
  loadDelivery,
  readCause,
  readMessage,
  SenderNames,
} from "./load-delivery.ts";
import { render } from "./render.ts";
import { refusalOf } from "./send-checks.ts";
import { untilAborted } from "./until-aborted.ts";

/** What sending one delivery needs. */
export interface DeliverySenderOptions {
  readonly log: Log;
  readonly state: StateStore;
  readonly channelTypes: ChannelTypeRegistry;
  readonly mediaSource: (url: string) => Promise<MediaSource | undefined>;
  readonly steps: DeliverySteps;
  readonly sendTimeoutMs: number;
  readonly now: () => number;
  /** Aborts what is at a network: there is no more time. */
  readonly signal: AbortSignal;
}

/** A delivery that may leave. */
export interface Prepared {
  readonly delivery: DeliveryDocument;
  readonly position: number;
  readonly job: Omit<SendJob, "signal" | "attempt">;
  readonly segments: number;
  readonly warnings: readonly string[];
  /** What the network calls the message that is changed. */
  readonly externalIds: readonly string[];
  /** Of a reaction. */
  readonly emoji: string;
}

/** Why a delivery does not leave: it is not wanted, or must not. */
export interface Unsent {
  readonly delivery: DeliveryDocument | undefined;
  /** Absent: there is nothing to do about it any more. */
  readonly step?: { readonly step: "canceled" } | { readonly step: "failed"; error: DeliveryError };
  /** It waits until then: somebody else has postponed it. */
  readonly dueAt?: number;
}

/** A delivery that was handed to the network, on record. */
export interface HandedOver {
  readonly attempt: number;
  /** Of the entry that says so. */
  readonly offset: number;
}

/** What names one turn of a delivery: from when it began to wait to when it is decided. */
export function turnOf({ id, statusAt, attempts, steps }: DeliveryDocument): string[] {
  return [id, ...[statusAt, attempts, steps.length, steps.at(-1) ?? 0].map(String)];
}

/** Takes one delivery through its turn: looks whether it may leave, puts it into words, records that it leaves, sends it. */
export class DeliverySender {
  readonly #options: DeliverySenderOptions;
  readonly #names: SenderNames;

  constructor(options: DeliverySenderOptions) {
    this.#options = options;
    this.#names = new SenderNames(options.state, options.now);
  }

  /** Makes a delivery ready to leave, by what holds now. @throws {AnywireError} when it can't be told now */
  async prepare(
    connection: OpenConnection | undefined,
    item: QueuedDelivery,
  ): Promise<Prepared | Unsent> {
    if (connection === undefined) return await this.#withoutConnection(item);
    const loaded = await loadDelivery(this.#options, connection, item);
    if (loaded?.delivery.status !== "queued") return { delivery: undefined };
    const { delivery } = loaded;
    const now = this.#options.now();
    if (delivery.expiresAt <= now) return failed(delivery, EXPIRED);
    const dueAt = dueAtOf(delivery);
    // It has waited for what it knew of, also where the clock was set back meanwhile.
    if (dueAt > now && dueAt !== item.dueAt) return { delivery, dueAt };
    return await this.#put(connection, loaded, true);
  }

  /** The same for one whose fate has to be asked for: it has left, and what holds now does not matter. */
  async recall(connection: OpenConnection, item: QueuedDelivery): Promise<Prepared | Unsent> {
    const loaded = await loadDelivery(this.#options, connection, item);
    if (loaded === undefined) return { delivery: undefined };
    return await this.#put(connection, loaded, false);
  }

  /**
   * Records that a delivery is handed to the network next. Undefined when it must not be: it was canceled a moment ago, or another
   * node has it.
   * @throws {AnywireError} why all ended before it could be recorded
   */
  async handOver({ delivery, position }: Prepared): Promise<HandedOver | undefined> {
    const { id, channel } = delivery;
    const attempt = delivery.attempts + 1;
    const step = { step: "sending", id, attempt } as const;
    const idParts = ["sending", ...turnOf(delivery)];
    const { entry, isOurs } = await this.#options.steps.record(delivery, idParts, step);
    if (!isOurs) return undefined;
    if (entry.previousOffset > position) {
      const { values } = await this.#options.state.get([deliveryKey(channel, id)], {
        atLeast: entry.offset,
      });
      const now = values[0] as DeliveryDocument | undefined;
      if (now?.status !== "sending") return undefined;
    }
    return { attempt, offset: entry.offset };
  }

  /** Hands it to the network, once. What the connector throws, what takes too long and what is no outcome is unknown. */
  async send(connection: OpenConnection, prepared: Prepared, attempt: number): Promise<SendResult> {
    const { connector, context } = connection;
    const result = await this.#within(connection, prepared, async (signal) => {
      const { action } = prepared.delivery;
      const job = { ...prepared.job, attempt, signal };
      if (action === "send") return await connector.send(job, context);
      const { replyTo: _reply, references: _references, ...rest } = job;
      const change: ChangeJob = { ...rest, externalIds: prepared.externalIds };
      if (action === "edit" && isEditing(connector)) return await connector.edit(change, context);
      if (action === "delete" && isDeleting(connector))
        return await connector.delete(change, context);
      if ((action === "react" || action === "unreact") && isReacting(connector)) {
        const mark = {
          emoji: prepared.emoji,
          action: action === "react" ? "add" : "remove",
        } as const;
        return await connector.react({ ...change, ...mark }, context);
      }
      const reason = `connection ${connection.document.id} can't ${action} any more`;
      return { outcome: "rejected", class: "unsupported", reason };
    });
    return shown(result, context);
  }

  /** Asks the network what became of it; undefined when it can't tell, now or ever. */
  async ask(
    connection: OpenConnection,
    prepared: Prepared,
    attempt: number,
  ): Promise<SendResult | undefined> {
    const { connector, context } = connection;
    if (!isReconciling(connector)) return undefined;
    const told = await this.#within(connection, prepared, (signal) =>
      connector.reconcile({ ...prepared.job, attempt, signal }, context),
    );
    return told.outcome === "unknown" ? undefined : shown(told, context);
  }

  async #within(
    { connector }: OpenConnection,
    { delivery }: Prepared,
    call: (signal: AbortSignal) => Promise<SendResult | undefined>,
  ): Promise<SendResult> {
    const { sendTimeoutMs, signal: closing } = this.#options;
    const abort = new AbortController();
    const end = (): void => abort.abort(closing.reason);
    closing.addEventListener("abort", end);
    const timer = setTimeout(() => abort.abort(), sendTimeoutMs);
    try {
      const unknown = { outcome: "unknown", reason: "the network gave no answer in time" } as const;
      const said = await untilAborted(call(abort.signal), abort.signal, unknown);
      return checkResult(connector.id, delivery.action, said);
    } catch {
      // What was thrown may hold anything, secrets, too.
      return {
        outcome: "unknown",
        reason: "the connector failed while the message was on its way",
      };
    } finally {
      clearTimeout(timer);
      closing.removeEventListener("abort", end);
    }
  }

  async #withoutConnection({ channel, id, atLeast }: QueuedDelivery): Promise<Unsent> {
    const { values } = await this.#options.state.get([deliveryKey(channel, id)], { atLeast });
    const delivery = values[0] as DeliveryDocument | undefined;
    if (delivery?.status !== "queued") return { delivery: undefined };
    const reason = `connection ${delivery.connection} was removed`;
    return failed(delivery, { class: "no_connection", reason });
  }

  async #put(
    connection: OpenConnection,
    loaded: LoadedDelivery,
    isChecked: boolean,
  ): Promise<Prepared | Unsent> {
    const { delivery, message, position } = loaded;
    const isGone = message === undefined || (message.deleted && delivery.action !== "delete");
    if (isGone) return { delivery, step: { step: "canceled" } };
    const read =
      delivery.action === "delete"
        ? undefined
        : await readMessage(this.#options.log, delivery, message);
    if (read === undefined && delivery.action !== "delete") {
      return { delivery, step: { step: "canceled" } };
    }
    const said: Message = read?.said ?? { text: "" };
    const error = isChecked
      ? this.#refusal(connection, loaded, said, read?.entry.trace?.via)
      : undefined;
    if (error !== undefined) return failed(delivery, error);
    const subject = await this.#subjectOf(connection, loaded);
    if (subject === undefined) return { delivery, step: { step: "canceled" } };
    const rendered = await this.#render(connection, said, delivery);
    if ("error" in rendered) return failed(delivery, rendered.error);
    const job = await this.#job(connection, loaded, said, rendered.content);
    const { warnings } = rendered;
    return { delivery, position, job, segments: segmentsOf(connection, job), warnings, ...subject };
  }

  #refusal(
    { connector, capabilities }: OpenConnection,
    { delivery, consents, exchange }: LoadedDelivery,
    said: Message,
    via: readonly string[] = [],
  ): DeliveryError | undefined {
    return refusalOf({
      now: this.#options.now(),
      action: delivery.action,
      policy: connector.policy,
      capabilities,
      consents,
      exchange,
      isBulk: this.#isBulk(delivery),
      isByFunction: via.length > 0,
      hasTemplate: said.parts?.some(({ type }) => type === "template") === true,
    });
  }

  #isBulk({ channel }: DeliveryDocument): boolean {
    const { type } = parseChannelName(channel);
    return this.#options.channelTypes.get(type)?.network === "any";
  }

  /** What a change is about; undefined when the network does not have it, or has it changed already. */
  async #subjectOf(
    { document }: OpenConnection,
    { delivery, message }: LoadedDelivery,
  ): Promise<Pick<Prepared, "externalIds" | "emoji"> | undefined> {
    if (delivery.action === "send") return { externalIds: [], emoji: "" };
    const { log, state } = this.#options;
    const { channel } = delivery;
    const [first] = await externalIdsOf(state, document.id, channel, [delivery.message]);
    if (first === undefined) return undefined;
    const sent = await this.#sentTo(delivery, message?.deliveries?.map(({ id }) => id) ?? []);
    const externalIds = sent?.externalIds.includes(first) === true ? sent.externalIds : [first];
    if (delivery.action === "delete") return { externalIds, emoji: "" };
    if (delivery.action === "edit") {
      // It left after it was edited: it says so already.
      const leftAt = sent?.steps[1] ?? 0;
      return leftAt > (delivery.steps[0] ?? 0) ? undefined : { externalIds, emoji: "" };
    }
    const cause = await readCause(log, delivery);
    if (cause?.kind !== "reaction") return undefined;
    const { emoji } = JSON.parse(cause.dataJson) as EntryData<"reaction">;
    return { externalIds, emoji };
  }

  /** How a message went out to somebody. */
  async #sentTo(
    { channel, participant, connection }: DeliveryDocument,
    ids: readonly string[],
  ): Promise<DeliveryDocument | undefined> {
    if (ids.length === 0) return undefined;
    const { values } = await this.#options.state.get(ids.map((id) => deliveryKey(channel, id)));
    return (values as (DeliveryDocument | undefined)[]).find(
      (one) =>
        one?.participant === participant &&
        one.connection === connection &&
        one.externalIds.length > 0,
    );
  }

  async #render(
    { capabilities }: OpenConnection,
    said: Message,
    { action }: DeliveryDocument,
  ): Promise<ReturnType<typeof render>> {
    if (action !== "send" && action !== "edit") {
      return { content: { text: said.text ?? "", media: [], message: said }, warnings: [] };
    }
    const sources = new Map<string, MediaSource>();
    for (const part of said.parts ?? []) {
      if (!("url" in part) || part.url === undefined || part.type === "card") continue;
      const source = await this.#options.mediaSource(part.url);
      if (source !== undefined) sources.set(part.url, source);
    }
    return render(said, capabilities, sources);
  }

  async #job(
    { document, capabilities }: OpenConnection,
    { delivery, channel, message }: LoadedDelivery,
    said: Message,
    content: SendJob["content"],
  ): Promise<Prepared["job"]> {
    const { state } = this.#options;
    const { id, messageOffset } = delivery;
    const name = channel.channel;
    const showsReplies = capabilities.reply !== undefined && capabilities.reply !== "dropped";
    const [[replyTo], references, opening, senderName] = await Promise.all([
      showsReplies && said.replyTo !== undefined
        ? externalIdsOf(state, document.id, name, [said.replyTo])
        : [undefined],
      capabilities.references === true
        ? referencesBefore(state, document.id, name, messageOffset)
        : [],
      capabilities.references === true && channel.title === null
        ? openingOf(this.#options, name)
        : undefined,
      this.#names.of(platformOf(name), message?.sender ?? ""),
    ]);
    return {
      deliveryId: id,
      messageId: delivery.message,
      channel: name,
      title: channel.title,
      ...(opening === undefined ? {} : { opening }),
      to: delivery.address ?? "",
      senderName,
      content,
      ...(replyTo === undefined ? {} : { replyTo }),
      references,
      kind: this.#isBulk(delivery) ? "bulk" : "conversational",
    };
  }
}

/** What came of it, as it may stand in the delivery's history. */
function shown(result: SendResult, context: OpenConnection["context"]): SendResult {
  if (result.outcome === "accepted") return result;
  const reason = hideSecrets(result.reason, context);
  if (result.outcome === "unknown" || result.code === undefined) return { ...result, reason };
  return { ...result, reason, code: hideSecrets(result.code, context) };
}

const EXPIRED: DeliveryError = {
  class: "expired",
  reason: "it waited for longer than a message may; send it again if it still matters",
};

function failed(delivery: DeliveryDocument, error: DeliveryError): Unsent {
  return { delivery, step: { step: "failed", error } };
}

function segmentsOf(
  { connector, context }: OpenConnection,
  job: Pick<SendJob, "content" | "to">,
): number {
  if (!isEstimating(connector)) return 1;
  const { segments } = connector.estimate(job, context);
  return Number.isSafeInteger(segments) && segments > 0 ? segments : 1;
}
