import type { DeliveryDocument, StateStore } from "@anywire/core";
import { type AnywireError, type ConnectionHealth, toAnywireError } from "@anywire/types";
import { accessKeyOf, type Connections } from "../connections/connections.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import type { ConnectionRates } from "./connection-rates.ts";
import { lookAt, ratesKeyOf, type Usability } from "./connection-usability.ts";
import { DeliveryOutcomes, type Turn } from "./delivery-outcomes.ts";
import { DeliveryQueue, type QueuedDelivery } from "./delivery-queue.ts";
import { type DeliverySender, turnOf, type Unsent } from "./delivery-sender.ts";
import { type DeliverySteps, pause } from "./delivery-steps.ts";
import { OpenWindow, queuedOf } from "./open-window.ts";
import type { OutboundSettings, OutboundStats } from "./outbound-options.ts";
import type { Rate, RateLimiter } from "./rate-limiter.ts";

/** What the workers of a node share. */
export interface WorkerParts {
  readonly state: StateStore;
  readonly connections: Connections;
  readonly sender: DeliverySender;
  readonly steps: DeliverySteps;
  readonly limiter: RateLimiter;
  readonly settings: OutboundSettings;
  readonly onError: (error: AnywireError) => void;
  /** Milliseconds since the Unix epoch, by a clock that may be set. */
  readonly now: () => number;
  /** Milliseconds by a clock that is never set: for rates and pauses, which must not end early or late by that. */
  readonly clock: () => number;
  /** Aborts when nothing new may begin. */
  readonly stop: AbortSignal;
  /** Whether no other node can be sending. */
  readonly isHeld: () => boolean;
}

/** Which connection. */
export interface WorkerPlace {
  readonly platform: string;
  readonly connection: string;
  /** All entries up to there were told, here or to who worked before. */
  readonly toldUpTo: () => Promise<number>;
}

/** How a delivery was begun. */
interface Start extends Pick<Turn, "breaker" | "isProbe"> {
  /** The rates that it was counted in. */
  readonly charged: readonly Rate[];
}

const NOT_LOOKED_AT: Usability = {
  state: "unusable",
  reason: "the connection was not looked at yet",
  isSure: false,
};
const AGAIN_MS = 1_000;
const HELD_UP_MS = 20;
const LONGEST_TIMER_MS = 3_600_000;

/** Works off the deliveries of one connection, in turns of its channels, as fast as its rates and the network let it. */
export class ConnectionWorker {
  readonly id: string;
  readonly platform: string;
  readonly #parts: WorkerParts;
  readonly #queue: DeliveryQueue;
  /** Of the connection as it is reached now: what began by another has its own, which nobody asks any more. */
  #breaker: CircuitBreaker;
  readonly #outcomes: DeliveryOutcomes;
  readonly #window: OpenWindow;
  #usability: Usability = NOT_LOOKED_AT;
  /** With what settings and secrets the connection was used last. */
  #access: string | undefined;
  #inFlight = 0;
  /** Ids of what is being sent, or found out about, here. */
  readonly #busy = new Set<string>();
  #isLoading = false;
  #isChanged = false;
  #looking: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onIdle: (() => void)[] = [];

  constructor(parts: WorkerParts, { platform, connection, toldUpTo }: WorkerPlace) {
    const { settings, state } = parts;
    this.id = connection;
    this.platform = platform;
    this.#parts = parts;
    this.#breaker = new CircuitBreaker(settings);
    const maxDeliveries = settings.windowDeliveries;
    const queue = new DeliveryQueue((at) => at - parts.now() + parts.clock());
    this.#queue = queue;
    const sink = {
      get size() {
        return queue.size;
      },
      takeIn: (delivery: DeliveryDocument, from: number) => this.#takeIn(delivery, from),
    };
    const place = { platform, connection };
    this.#window = new OpenWindow(state, place, { toldUpTo, maxDeliveries }, sink);
    this.#outcomes = new DeliveryOutcomes({
      ...parts,
      breaker: () => this.#breaker,
      putBack: (item) => {
        this.#queue.add(item, parts.clock());
        this.pump();
      },
      pause: (ms) => this.#pauseFor(ms),
      find: () => parts.connections.find(connection),
    });
  }

  /** Whether nothing waits and nothing runs. */
  get isIdle(): boolean {
    const isLoaded = !this.#isLoading && !this.#window.wantsMore(0);
    return isLoaded && this.#queue.size === 0 && this.#inFlight === 0;
  }

  /** Whether the connection is there no more. */
  get isRemoved(): boolean {
    return this.#usability.state === "removed";
  }

  /** Whether it can't be used for a reason that may pass without a change that is told. */
  get isUnsure(): boolean {
    return this.#usability.state === "unusable" && !this.#usability.isSure;
  }

  get stats(): OutboundStats {
    const { state: breaker } = this.#breaker;
    return { connection: this.id, open: this.#queue.size, inFlight: this.#inFlight, breaker };
  }

  get health(): ConnectionHealth {
    const { now, clock } = this.#parts;
    const told = this.#breaker.health();
    const toOthers = (at: number | null): number | null =>
      at === null ? null : Math.round(at - clock() + now());
    const health = {
      ...told,
      retryAt: toOthers(told.retryAt),
      checkedAt: toOthers(told.checkedAt),
    };
    if (this.#usability.state !== "unusable") return health;
    const state = this.#usability === NOT_LOOKED_AT ? "unknown" : "down";
    return { ...health, state, reason: this.#usability.reason };
  }

  /** An entry tells that a delivery waits. */
  enqueue(delivery: DeliveryDocument, offset: number): void {
    this.#window.offer(delivery, offset);
    this.pump();
  }

  /** An entry tells that a delivery is not wanted any more. */
  cancel(channel: string, id: string): void {
    if (this.#queue.remove(channel, id, this.#parts.clock())) this.pump();
  }

  /** What became of a delivery is known: if its channel waits for it here, it waits no longer, whatever its call does. */
  settle(delivery: Pick<DeliveryDocument, "channel" | "id">): void {
    if (!this.#queue.isHolding(delivery)) return;
    this.#queue.release(delivery, this.#parts.clock());
    this.pump();
  }

  /** Looks at the connection anew: it has changed. */
  refresh(): Promise<void> {
    this.#isChanged = true;
    this.#looking ??= this.#lookAnew();
    return this.#looking;
  }

  /** Looks at what has run out, and for what is to be done. Called every second or so; reads only where there is more to read. */
  tick(): void {
    void this.#load();
    this.#expire();
    this.pump();
  }

  /** Starts all that may leave now, and comes back when more may. */
  pump(): void {
    clearTimeout(this.#timer);
    if (this.#parts.stop.aborted) return;
    const { concurrency } = this.#parts.settings;
    const now = this.#parts.clock();
    let wakeAt = Number.POSITIVE_INFINITY;
    while (this.#inFlight < concurrency) {
      const item = this.#queue.peek(now);
      if (item === undefined) break;
      if (item.expiresAt <= this.#parts.now() || this.#usability.state === "removed") {
        this.#begin(this.#queue.take(), []);
        continue;
      }
      if (this.#usability.state === "unusable") break;
      wakeAt = this.#startUnder(this.#usability.rates, item, now);
      if (wakeAt > now) break;
    }
    this.#wakeAt(Math.min(wakeAt, this.#queue.nextAt() ?? Number.POSITIVE_INFINITY));
    if (this.#window.wantsMore(this.#queue.size)) void this.#load();
  }

  /** Resolves when nothing is at the network. */
  async idle(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#inFlight > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Starts the delivery whose turn it is, or has its channel wait; otherwise tells when something may leave. */
  #startUnder(rates: ConnectionRates, item: QueuedDelivery, now: number): number {
    const { limiter } = this.#parts;
    const at = Math.max(this.#breaker.freeAt(), limiter.freeAt(rates.all, this.id, now));
    if (at > now) return at;
    const recipient = rates.to(item.to);
    const recipientAt = limiter.freeAt(recipient, this.id, now);
    if (recipientAt > now) {
      this.#queue.hold(recipientAt, now);
      return 0;
    }
    const charged = [...rates.all, ...recipient];
    limiter.take(charged, this.id, now);
    this.#begin(this.#queue.take(), charged);
    return 0;
  }

  #begin(item: QueuedDelivery | undefined, charged: readonly Rate[]): void {
    if (item === undefined) return;
    const breaker = this.#breaker;
    const isProbe = charged.length > 0 && breaker.begin();
    this.#inFlight += 1;
    this.#busy.add(item.id);
    void this.#work(item, { charged, breaker, isProbe }).finally(() => this.#end());
  }

  #end(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    this.pump();
  }

  /** One turn of one delivery. */
  async #work(item: QueuedDelivery, start: Start): Promise<void> {
    let again: QueuedDelivery | undefined;
    try {
      const outcome = await this.#try(item, start);
      if (outcome !== "left") this.#refund(start);
      if (typeof outcome !== "string") again = { ...item, dueAt: outcome.dueAt };
    } catch (error) {
      // It has not left: what failed was looking at it, or recording that it leaves.
      this.#refund(start);
      this.#parts.onError(toAnywireError(error));
      again = { ...item, dueAt: this.#parts.now() + AGAIN_MS };
    }
    this.#busy.delete(item.id);
    this.#queue.release(item, this.#parts.clock(), again);
  }

  /** Whether it was handed to the network, is over without that, or waits on. */
  async #try(
    item: QueuedDelivery,
    { charged, breaker, isProbe }: Start,
  ): Promise<"left" | "over" | { readonly dueAt: number }> {
    const { sender, connections, limiter, stop, isHeld } = this.#parts;
    const connection = await connections.find(this.id);
    const prepared = await sender.prepare(connection, item);
    if (!("job" in prepared)) {
      if (prepared.dueAt !== undefined) return { dueAt: prepared.dueAt };
      await this.#unsent(prepared);
      return "over";
    }
    // Switched off, or too late: who sends next finds it waiting.
    if (connection?.document.isEnabled !== true || stop.aborted) {
      return { dueAt: this.#parts.now() + AGAIN_MS };
    }
    limiter.adjust(charged, { messages: 0, segments: prepared.segments - 1 });
    const handed = await sender.handOver(prepared);
    if (handed === undefined) return "over";
    const turn = { item, connection, prepared, handed, breaker, isProbe };
    // Held up for too long, it may be another's to send by now: that shows before long.
    while (!isHeld() && !stop.aborted) await pause(HELD_UP_MS, stop);
    // Another node may be at the next of the channel already: it sends this one, too.
    if (!isHeld()) {
      await this.#outcomes.takeBack(turn);
      return "over";
    }
    const result = await sender.send(connection, prepared, handed.attempt);
    // A receipt was faster: all that the call can add is what the network calls it.
    const isLate = !this.#queue.isHolding(item) && result.outcome !== "accepted";
    if (!isLate) await this.#outcomes.conclude(turn, result);
    else if (isProbe) breaker.abandoned();
    return "left";
  }

  async #unsent({ delivery, step }: Unsent): Promise<void> {
    if (delivery === undefined || step === undefined) return;
    const { id } = delivery;
    await this.#parts.steps.append(delivery, [step.step, ...turnOf(delivery)], { ...step, id });
  }

  #refund({ charged, breaker, isProbe }: Start): void {
    this.#parts.limiter.adjust(charged, { messages: -1, segments: -1 });
    if (isProbe) breaker.abandoned();
  }

  #pauseFor(ms: number): void {
    if (this.#usability.state !== "usable") return;
    const now = this.#parts.clock();
    this.#parts.limiter.pause(this.#usability.rates.own, now + ms, now);
  }

  async #lookAnew(): Promise<void> {
    // It may change while it is looked at.
    while (this.#isChanged) {
      this.#isChanged = false;
      const before = ratesKeyOf(this.#usability);
      this.#usability = await lookAt(this.#parts.connections, this.id);
      if (ratesKeyOf(this.#usability) !== before) this.#queue.unhold(this.#parts.clock());
      this.#noteAccess();
    }
    this.#looking = undefined;
    this.tick();
  }

  /** What failed with other settings or secrets, or will once its call ends, says nothing of these: they are tried at once. */
  #noteAccess(): void {
    if (this.#usability.state !== "usable") return;
    const access = accessKeyOf(this.#usability.connection);
    if (this.#access !== undefined && this.#access !== access) {
      this.#breaker = new CircuitBreaker(this.#parts.settings);
    }
    this.#access = access;
  }

  /** Brings what waits in the state into memory, as far as there is room. */
  async #load(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      while (!this.#parts.stop.aborted && this.#window.wantsMore(this.#queue.size)) {
        await this.#window.read();
        this.pump();
      }
    } catch (error) {
      this.#parts.onError(toAnywireError(error));
    } finally {
      this.#isLoading = false;
    }
  }

  #takeIn(delivery: DeliveryDocument, atLeast: number): void {
    const item = queuedOf(delivery, atLeast);
    if (delivery.status === "queued") {
      this.#queue.add(item, this.#parts.clock());
      return;
    }
    if (this.#busy.has(delivery.id) || this.#outcomes.isAsking(delivery.id)) return;
    // The process that had handed it over is gone, or its answer was lost.
    this.#busy.add(delivery.id);
    this.#queue.occupy(delivery, this.#parts.clock());
    const release = (): void => {
      this.#busy.delete(delivery.id);
      this.settle(delivery);
    };
    void this.#outcomes.recover(item, delivery).finally(release);
  }

  /** What has run out fails, also while nothing can be sent. */
  #expire(): void {
    if (this.#parts.stop.aborted) return;
    const { concurrency } = this.#parts.settings;
    const now = this.#parts.clock();
    while (this.#inFlight < concurrency) {
      const item = this.#queue.takeExpired(now);
      if (item === undefined) return;
      this.#begin(item, []);
    }
  }

  #wakeAt(at: number): void {
    if (at === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.min(Math.max(Math.ceil(at - this.#parts.clock()), 1), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => this.pump(), waitMs);
  }
}
