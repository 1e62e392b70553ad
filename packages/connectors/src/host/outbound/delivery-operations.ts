import {
  type Access,
  type Caller,
  createSecondLook,
  DELIVERY,
  type DeliveryDocument,
  type DeliveryPlace,
  deliveryIndexKey,
  deliveryKey,
  type Log,
  type Operation,
  openDeliveries,
  type StateQuery,
  type StateStore,
} from "@anywire/core";
import {
  AnywireError,
  accountAddress,
  createEntryId,
  type DeliveriesPage,
  type Delivery,
  type DeliveryEntry,
  type DeliveryHistory,
  deliveriesPageSchema,
  deliveriesQuerySchema,
  deliveryHistorySchema,
  deliveryRequestSchema,
  deliverySchema,
} from "@anywire/types";
import type { z } from "zod";
import { OUTBOUND_DEFAULTS } from "./outbound-options.ts";

/** What the operations on deliveries need. */
export interface DeliveryOperationsOptions {
  readonly access: Access;
  readonly log: Log;
  readonly state: StateStore;
  /** How long a delivery that is sent again may wait, ms. Default a day. */
  readonly lifetimeMs?: number;
}

type Query = z.output<typeof deliveriesQuerySchema>;
type Request = z.output<typeof deliveryRequestSchema>;

/** Deliveries looked at for one page, where most do not match: the next page goes on from there. */
const MAX_LOOKED_AT = 5_000;

/** What can be done with deliveries. */
export function deliveryOperations(options: DeliveryOperationsOptions): Operation[] {
  const desk = new DeliveryDesk(options);
  const list: Operation<Query, DeliveriesPage> = {
    name: "delivery.list",
    request: deliveriesQuerySchema,
    answer: deliveriesPageSchema,
    run: async (caller, query) => done(await desk.list(caller, query)),
  };
  const get: Operation<Request, DeliveryHistory> = {
    name: "delivery.get",
    request: deliveryRequestSchema,
    answer: deliveryHistorySchema,
    run: async (caller, { id }) => done(await desk.history(caller, id)),
  };
  const retry: Operation<Request, Delivery> = {
    name: "delivery.retry",
    request: deliveryRequestSchema,
    answer: deliverySchema,
    run: async (caller, { id }) => done(await desk.retry(caller, id)),
  };
  const cancel: Operation<Request, Delivery> = {
    name: "delivery.cancel",
    request: deliveryRequestSchema,
    answer: deliverySchema,
    run: async (caller, { id }) => done(await desk.cancel(caller, id)),
  };
  return [list, get, retry, cancel] as Operation[];
}

function done<A>(answer: A): { readonly answer: A; readonly isNew: false } {
  return { answer, isNew: false };
}

class DeliveryDesk {
  readonly #options: DeliveryOperationsOptions;
  readonly #secondLook: ReturnType<typeof createSecondLook>;

  constructor(options: DeliveryOperationsOptions) {
    this.#options = options;
    this.#secondLook = createSecondLook(options.log, options.state);
  }

  /** Newest first. */
  async list({ principal }: Caller, query: Query): Promise<DeliveriesPage> {
    const { access } = this.#options;
    const { platform } = principal;
    if (query.channel === undefined) {
      await access.assertMaySubscribe(principal, `${platform}.*.*`);
    } else await access.assertMay(principal, "subscribe", query.channel);
    const source = sourceOf(platform, query);
    const deliveries: Delivery[] = [];
    let { cursor } = query;
    for (let lookedAt = 0; ; ) {
      const limit = Math.min(query.limit - deliveries.length, 500);
      const { items, hasMore } = await this.#options.state.list({
        ...source,
        order: "desc",
        limit,
        ...(cursor === undefined ? {} : { before: source.prefix + cursor }),
      });
      const documents = await this.#documentsOf(query, items);
      deliveries.push(...documents.filter((one) => isAskedFor(query, one)).map(told));
      lookedAt += items.length;
      cursor = items.at(-1)?.sort.slice(source.prefix.length);
      if (!hasMore || cursor === undefined) return { deliveries };
      if (deliveries.length >= query.limit || lookedAt >= MAX_LOOKED_AT) {
        return { deliveries, cursor };
      }
    }
  }

  async history({ principal }: Caller, id: string): Promise<DeliveryHistory> {
    const delivery = await this.#find(principal.platform, id);
    const { channel } = delivery;
    await this.#options.access.assertMay(principal, "subscribe", channel);
    const pages = await Promise.all(
      delivery.steps.map((offset) =>
        this.#options.log.read({ pattern: channel, after: offset - 1, limit: 1, order: "asc" }),
      ),
    );
    const steps = pages.flatMap(({ entries }) =>
      entries.map(({ at, offset, dataJson }) => {
        const data = JSON.parse(dataJson) as DeliveryEntry;
        return { at, offset, step: data.step, data };
      }),
    );
    return { ...told(delivery), steps };
  }

  /** Has one sent again that failed, or whose fate nobody knows. */
  async retry(caller: Caller, id: string): Promise<Delivery> {
    const delivery = await this.#managed(caller, id);
    const { status, connection, address } = delivery;
    if (status !== "failed" && status !== "unconfirmed") {
      throw new AnywireError(
        "conflict",
        `delivery ${id} is ${status}; only what failed or is unconfirmed can be sent again`,
      );
    }
    if (connection === null || address === null) {
      throw new AnywireError(
        "conflict",
        `delivery ${id} never had ${connection === null ? "a connection" : "an address"} to go to; send the message again`,
      );
    }
    const { lifetimeMs = OUTBOUND_DEFAULTS.lifetimeMs } = this.#options;
    return await this.#step(caller, delivery, {
      step: "retried",
      id,
      expiresAt: Date.now() + lifetimeMs,
    });
  }

  /** Calls one back that waits. */
  async cancel(caller: Caller, id: string): Promise<Delivery> {
    const delivery = await this.#managed(caller, id);
    if (delivery.status === "canceled") return told(delivery);
    const canceled =
      delivery.status === "queued"
        ? await this.#step(caller, delivery, { step: "canceled", id })
        : delivery;
    if (canceled.status === "canceled") return canceled;
    throw new AnywireError(
      "conflict",
      `delivery ${id} is ${canceled.status}; only what still waits can be called back`,
    );
  }

  async #managed({ principal }: Caller, id: string): Promise<DeliveryDocument> {
    const delivery = await this.#find(principal.platform, id);
    await this.#options.access.assertMay(principal, "manage", delivery.channel);
    return delivery;
  }

  async #find(platform: string, id: string): Promise<DeliveryDocument> {
    return await this.#secondLook(">", async () => {
      const { state } = this.#options;
      const { values } = await state.get([deliveryIndexKey(platform, id)]);
      const channel = values[0] as string | undefined;
      const found =
        channel === undefined ? undefined : (await state.get([deliveryKey(channel, id)])).values[0];
      if (found !== undefined) return found as DeliveryDocument;
      throw new AnywireError("not_found", `there is no delivery ${id}`);
    });
  }

  async #step(
    { principal, client }: Caller,
    { channel, id }: DeliveryDocument,
    data: DeliveryEntry,
  ): Promise<Delivery> {
    const { log, state } = this.#options;
    const { entry } = await log.append({
      channel,
      id: createEntryId(),
      kind: "delivery",
      sender: accountAddress(principal.accountId),
      dataJson: JSON.stringify(data),
      ...(client === undefined ? {} : { client }),
    });
    const { values } = await state.get([deliveryKey(channel, id)], { atLeast: entry.offset });
    return told(values[0] as DeliveryDocument);
  }

  async #documentsOf(
    { channel, state }: Query,
    items: readonly { readonly sort: string; readonly value: unknown }[],
  ): Promise<DeliveryDocument[]> {
    if (channel !== undefined) return items.map(({ value }) => value as DeliveryDocument);
    if (items.length === 0) return [];
    const keys = items.map(({ sort, value }) => {
      if (state !== "open") return deliveryKey(value as string, sort);
      const place = value as DeliveryPlace;
      return deliveryKey(place.channel, place.id);
    });
    const { values } = await this.#options.state.get(keys);
    return (values as (DeliveryDocument | undefined)[]).filter((one) => one !== undefined);
  }
}

/** The list that a query looks through. @throws {AnywireError} `bad_request` */
function sourceOf(platform: string, query: Query): Pick<StateQuery, "partition" | "prefix"> {
  const { channel, message, connection, state } = query;
  if (channel !== undefined) return { partition: channel, prefix: DELIVERY };
  if (message !== undefined) {
    throw new AnywireError("bad_request", "a message is known by its channel; give `channel`, too");
  }
  if (state === "problem") return { partition: `${platform}/problems`, prefix: "" };
  if (state === "all") return { partition: `${platform}/deliveries`, prefix: "" };
  if (connection !== undefined) {
    return { partition: openDeliveries(platform, connection), prefix: "" };
  }
  throw new AnywireError("bad_request", "what is open is listed by connection; give `connection`");
}

function isAskedFor({ message, connection, state }: Query, delivery: DeliveryDocument): boolean {
  if (message !== undefined && delivery.message !== message) return false;
  if (connection !== undefined && delivery.connection !== connection) return false;
  const { status, isOpen } = delivery;
  if (state === "open") return isOpen;
  if (state === "problem") return status === "failed" || (status === "unconfirmed" && !isOpen);
  return true;
}

/** What outsiders see of a delivery. */
function told(delivery: DeliveryDocument): Delivery {
  const { messageOffset: _offset, cause: _cause, fallback: _fallback, ...rest } = delivery;
  const { isOpen: _isOpen, steps: _steps, standIn: _by, isTest: _isTest, ...seen } = rest;
  return seen;
}
