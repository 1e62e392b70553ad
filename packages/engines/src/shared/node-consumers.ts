import type { Consumer, ConsumerOptions, EntryHandler } from "@anywire/core";
import { ConsumerLeases } from "./consumer-leases.ts";
import { ConsumerSaves } from "./consumer-saves.ts";
import type { ConsumerSource } from "./consumer-source.ts";
import type { ConsumerStore } from "./consumer-store.ts";
import { ConsumerTail } from "./consumer-tail.ts";
import { type ConsumerParts, DurableConsumer } from "./durable-consumer.ts";

/** The durable consumers of one node, which share the log's tail, the renewal of their leases and the turns in which they save. */
export class NodeConsumers {
  readonly #parts: ConsumerParts;

  /** @param leaseMs how long the node may be silent before another takes over, ms */
  constructor(source: ConsumerSource, store: ConsumerStore, leaseMs: number) {
    const tail = new ConsumerTail(source);
    const leases = new ConsumerLeases(store, leaseMs);
    this.#parts = { source, tail, store, leases, saves: new ConsumerSaves() };
  }

  /** Starts a consumer, or takes it up where it stopped. */
  async consume(options: ConsumerOptions, handle: EntryHandler): Promise<Consumer> {
    const consumer = new DurableConsumer(this.#parts, options, handle);
    await consumer.start();
    return consumer;
  }
}
