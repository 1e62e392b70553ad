import { type Consumer, type DeliveryDocument, deliveryKey, type LogEntry } from "@anywire/core";
import { type DeliveryEntry, platformOf, toAnywireError } from "@anywire/types";
import { ConnectionChanges } from "./connection-changes.ts";
import { ConnectionWorker, type WorkerParts } from "./connection-worker.ts";
import { DeliveryPlanner } from "./delivery-planner.ts";
import { DeliverySender } from "./delivery-sender.ts";
import { DeliverySteps } from "./delivery-steps.ts";
import { standInForLate } from "./fallback-watch.ts";
import { type KnownConnection, KnownConnections } from "./known-connections.ts";
import {
  OUTBOUND_DEFAULTS,
  type OutboundOptions,
  type OutboundSettings,
  type OutboundStats,
} from "./outbound-options.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { untilAborted } from "./until-aborted.ts";

/** Channels planned at the same time. */
const PLANNED_AT_ONCE = 32;
/** Planning is tried for an hour: a message that was never planned would be lost. */
const PLAN_ATTEMPTS = 70;
const REFRESHED_AT_ONCE = 32;
/** Connections that can't be used, looked at again in one turn. */
const MOST_UNSURE = 100;
/** Steps by which a delivery begins to wait, or waits no more. */
const CONCERNING: ReadonlySet<DeliveryEntry["step"]> = new Set([
  "queued",
  "retried",
  "canceled",
  "postponed",
]);
/** Steps by which it is known what became of one: what a receipt says. */
const SETTLING: ReadonlySet<DeliveryEntry["step"]> = new Set([
  "sent",
  "delivered",
  "read",
  "failed",
]);

/** What one node does while it holds the lease. */
export class OutboundWork {
  readonly watchMs: number;
  readonly #options: OutboundOptions;
  readonly #parts: WorkerParts;
  readonly #planner: DeliveryPlanner;
  readonly #known: KnownConnections;
  readonly #changes: ConnectionChanges;
  readonly #workers = new Map<string, ConnectionWorker>();
  /** Aborts what has not begun, also where the start failed. */
  readonly #ending = new AbortController();
  /** Aborts what is at networks, and all recording. */
  readonly #over = new AbortController();
  #consumer: Promise<Consumer> | null = null;
  #looking = Promise.resolve();
  #hasFound = false;
  #unsureFrom = 0;

  constructor(options: OutboundOptions, stop: AbortSignal, isHeld: () => boolean) {
    const { log, state, connections, channelTypes, mediaSource, onError, kv } = options;
    const { onStep = () => {}, now = Date.now } = options;
    const settings: OutboundSettings = { ...OUTBOUND_DEFAULTS, ...options.settings };
    const signal = this.#over.signal;
    const steps = new DeliverySteps({ log, onError, onStep, signal });
    const { sendTimeoutMs, lifetimeMs } = settings;
    const sending = { log, state, channelTypes, mediaSource, steps, sendTimeoutMs, now, signal };
    const sender = new DeliverySender(sending);
    const limiter = new RateLimiter();
    this.#options = options;
    const ports = { state, connections, sender, steps, limiter };
    const clock = (): number => performance.now();
    const noMore = AbortSignal.any([stop, this.#ending.signal]);
    this.#parts = { ...ports, settings, onError, now, clock, stop: noMore, isHeld };
    this.#planner = new DeliveryPlanner({
      log,
      state,
      connections,
      channelTypes,
      steps,
      lifetimeMs,
      now,
    });
    this.#known = new KnownConnections(kv);
    this.#changes = new ConnectionChanges(log);
    this.watchMs = settings.watchMs;
  }

  /** Takes up what was left, then what comes. */
  async start(): Promise<void> {
    const { log } = this.#options;
    const { minBackoffMs, maxBackoffMs } = { minBackoffMs: 200, maxBackoffMs: 60_000 };
    this.#consumer = log.consume(
      {
        name: "outbound",
        pattern: ">",
        concurrency: PLANNED_AT_ONCE,
        maxAttempts: PLAN_ATTEMPTS,
        minBackoffMs,
        maxBackoffMs,
      },
      (entry, attempt) => this.#handle(entry, attempt),
    );
    await this.#consumer;
    await this.#changes.start();
  }

  /** Looks at connections that changed, at what is late and at what has run out. */
  look(): Promise<void> {
    this.#looking = this.#look();
    return this.#looking;
  }

  /** Ends: what is looked at, planned, or at networks, gets so long to come to its end. */
  async end(withinMs: number): Promise<void> {
    const timer = setTimeout(() => this.#over.abort(), withinMs);
    this.#ending.abort();
    this.#changes.stop();
    const idle = [...this.#workers.values()].map((worker) => worker.idle());
    const all = Promise.all([this.#looking, this.#endPlanning(), ...idle]);
    await untilAborted(all, this.#over.signal, undefined);
    clearTimeout(timer);
    this.#over.abort();
  }

  async #endPlanning(): Promise<void> {
    // Where it did not start, that was told already.
    const consumer = await this.#consumer?.catch(() => undefined);
    await consumer?.close().catch((error: unknown) => {
      this.#parts.onError(toAnywireError(error));
    });
  }

  worker(connection: string): ConnectionWorker | undefined {
    return this.#workers.get(connection);
  }

  stats(): readonly OutboundStats[] {
    return [...this.#workers.values()].map(({ stats }) => stats);
  }

  async #look(): Promise<void> {
    const { onError, state, now } = { ...this.#parts };
    try {
      for (const worker of this.#workers.values()) worker.tick();
      await this.#lookAtConnections();
      await standInForLate(state, this.#planner, now());
    } catch (error) {
      onError(toAnywireError(error));
    }
  }

  async #handle(entry: LogEntry, attempt: number): Promise<void> {
    if (entry.kind === "delivery") await this.#heard(entry);
    else if (this.#planner.concerns(entry)) await this.#planner.plan(entry, attempt);
  }

  /** A step that somebody recorded: what begins to wait, or waits no more, concerns us. */
  async #heard(entry: LogEntry): Promise<void> {
    const data = JSON.parse(entry.dataJson) as DeliveryEntry;
    if (SETTLING.has(data.step) && !this.#parts.steps.isOurs(entry)) {
      // Who recorded it does not say by which connection it left, and to look it up would cost a read for each receipt.
      const settled = { channel: entry.channel, id: data.id };
      for (const worker of this.#workers.values()) worker.settle(settled);
    }
    if (!CONCERNING.has(data.step)) return;
    // What is postponed here waits here already.
    if (data.step === "postponed" && this.#parts.steps.isOurs(entry)) return;
    const { values } = await this.#parts.state.get([deliveryKey(entry.channel, data.id)], {
      atLeast: entry.offset,
    });
    const delivery = values[0] as DeliveryDocument | undefined;
    if (delivery === undefined || delivery.connection === null) return;
    const worker = this.#workerOf(platformOf(entry.channel), delivery.connection);
    if (data.step === "canceled") worker.cancel(entry.channel, data.id);
    // Also one that a process which is gone had handed over: it holds its channel until it is known what became of it.
    else if (delivery.isOpen) worker.enqueue(delivery, entry.offset);
  }

  async #lookAtConnections(): Promise<void> {
    if (!this.#hasFound) await this.#findConnections();
    const { connections, atLeast } = this.#changes.take();
    try {
      if (connections.length > 0) await this.#parts.state.get([], { atLeast });
    } catch (error) {
      this.#changes.add(connections, atLeast);
      throw error;
    }
    await this.#refresh([...connections, ...this.#unsure()]);
    for (const worker of this.#workers.values()) {
      if (worker.isRemoved && worker.isIdle) await this.#forget(worker.id);
    }
    await this.#known.remember(this.#workers.values());
  }

  /** All that there are, and those that were removed while nobody sent; from then on their changes are heard. */
  async #findConnections(): Promise<void> {
    const { log, state, connections } = this.#options;
    const atLeast = await log.head("*.connection.*");
    // A change of a moment before may not be in a state that trails, and is not heard any more.
    await state.get([], { atLeast });
    this.#changes.add(await this.#known.list(), atLeast);
    this.#changes.add(await connections.list(), atLeast);
    this.#hasFound = true;
  }

  async #refresh(changed: readonly KnownConnection[]): Promise<void> {
    const left = changed.values();
    const refresh = async (): Promise<void> => {
      for (const { id, platform } of left) {
        this.#options.connections.forget(id);
        await this.#workerOf(platform, id).refresh();
      }
    };
    // They take from one iterator, each the next.
    await Promise.all(Array.from({ length: REFRESHED_AT_ONCE }, refresh));
  }

  /** Those that can't be used for a reason that may pass without a word, by turns. */
  #unsure(): ConnectionWorker[] {
    const unsure = [...this.#workers.values()].filter(({ isUnsure }) => isUnsure);
    if (this.#unsureFrom >= unsure.length) this.#unsureFrom = 0;
    const turn = unsure.slice(this.#unsureFrom, this.#unsureFrom + MOST_UNSURE);
    this.#unsureFrom += MOST_UNSURE;
    return turn;
  }

  async #forget(id: string): Promise<void> {
    this.#workers.delete(id);
    await this.#known.forget(id);
  }

  #workerOf(platform: string, connection: string): ConnectionWorker {
    let worker = this.#workers.get(connection);
    if (worker === undefined) {
      const toldUpTo = async (): Promise<number> => (await this.#consumer)?.position() ?? 0;
      worker = new ConnectionWorker(this.#parts, { platform, connection, toldUpTo });
      this.#workers.set(connection, worker);
      void worker.refresh();
    }
    return worker;
  }
}
