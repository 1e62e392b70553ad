import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { percentile } from "../statistics.ts";
import type { WireClient } from "../wires/wire.ts";
import { type WireName, wires } from "../wires/wires.ts";
import { LoadClient } from "./load-client.ts";
import { messageNumbers, messageText } from "./message-text.ts";

const CONNECTING_AT_ONCE = 64;
const STUCK_MS = 30_000;

/** Whom to connect to, and as whom. */
export interface FanoutLoadOptions {
  /** The servers: clients take them in turn. */
  readonly ports: readonly [number, ...number[]];
  readonly wire: WireName;
  readonly clients: readonly WireClient[];
  /** The channel that all of them are on. */
  readonly channel: string;
  /** How many of the first clients publish, each one every message: servers that know nothing of each other need one each. */
  readonly publishers: number;
}

/** What a run delivered; every delivery was counted at its client. */
export interface FanoutRun {
  readonly messages: number;
  readonly deliveries: number;
  readonly frames: number;
  readonly bytes: number;
  readonly wallMs: number;
}

/** How long deliveries took, milliseconds from the publisher's write to the subscriber's read. */
export interface LatencyRun {
  readonly deliveries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Many clients on one channel; the first of them publish as well. */
export class FanoutLoad {
  readonly #options: FanoutLoadOptions;
  #clients: readonly LoadClient[] = [];
  #published = 0;
  #delivered = 0;
  #wanted = 0;
  #arrived: (() => void) | undefined;
  #failure: Error | undefined;
  #sentAt: number[] | undefined;
  #latencies: number[] = [];

  private constructor(options: FanoutLoadOptions) {
    this.#options = options;
  }

  /** Connects all clients. */
  static async open(options: FanoutLoadOptions): Promise<FanoutLoad> {
    const load = new FanoutLoad(options);
    await load.#open();
    return load;
  }

  /**
   * Publishes `perTurn` messages in one write, the next ones when all were delivered but for `ahead` turns, until the
   * time is over.
   */
  async turns(perTurn: number, ahead: number, forMs: number): Promise<FanoutRun> {
    const before = this.#counts();
    const startedAt = performance.now();
    while (performance.now() - startedAt < forMs) {
      this.#publish(perTurn);
      await this.#until((this.#published - ahead * perTurn) * this.#clients.length);
    }
    await this.#settle();
    const after = this.#counts();
    return {
      messages: after.messages - before.messages,
      deliveries: after.deliveries - before.deliveries,
      frames: after.frames - before.frames,
      bytes: after.bytes - before.bytes,
      wallMs: performance.now() - startedAt,
    };
  }

  /** Publishes at a steady rate, whatever the server makes of it, and times every delivery. */
  async pace(perSecond: number, forMs: number): Promise<LatencyRun> {
    const sentAt: number[] = [];
    this.#latencies = [];
    this.#sentAt = sentAt;
    const base = this.#published;
    const startedAt = performance.now();
    const total = Math.max(1, Math.round((perSecond * forMs) / 1000));
    for (let sent = 0; sent < total; sent += 1) {
      const waitMs = startedAt + (sent * 1000) / perSecond - performance.now();
      if (waitMs > 0) await delay(waitMs);
      sentAt[base + sent] = performance.now();
      this.#publish(1);
    }
    await this.#settle();
    this.#sentAt = undefined;
    const sorted = Float64Array.from(this.#latencies).sort();
    return {
      deliveries: sorted.length,
      p50Ms: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
    };
  }

  /** Publishes once more and reads every message at every client: each one once, in order. */
  async verify(turns: number, perTurn: number): Promise<void> {
    const expected = Array.from({ length: turns * perTurn }, (_, index) => this.#published + index);
    const seen = this.#clients.map((client) => {
      const numbers: number[] = [];
      client.onText = (text) => numbers.push(...messageNumbers(text));
      return numbers;
    });
    for (let turn = 0; turn < turns; turn += 1) this.#publish(perTurn);
    await this.#settle();
    for (const client of this.#clients) client.onText = undefined;
    const wrong = seen.filter((numbers) => numbers.join() !== expected.join());
    if (wrong.length > 0) {
      throw new Error(
        `${wrong.length} clients did not get ${expected.join()} once and in order, but one ${wrong[0]?.join()}`,
      );
    }
    this.#watchPublishers();
  }

  async #open(): Promise<void> {
    const { ports, clients } = this.#options;
    const wire = wires[this.#options.wire];
    const waiting = clients.entries();
    const opened: LoadClient[] = [];
    const connectSome = async (): Promise<void> => {
      for (const [index, client] of waiting) {
        opened[index] = await LoadClient.open({
          port: ports[index % ports.length] ?? ports[0],
          wire,
          client,
          onMessages: (receiver, count) => this.#count(receiver, count),
          onClose: (reason) => this.#fail(new Error(`client ${index} lost its server: ${reason}`)),
        });
      }
    };
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectSome));
    this.#clients = opened;
    this.#watchPublishers();
  }

  #watchPublishers(): void {
    for (const publisher of this.#publishers()) {
      publisher.onText = (text) => {
        if (text.includes('"error":')) this.#fail(new Error(`publishing was refused: ${text}`));
      };
    }
  }

  #publish(count: number): void {
    const texts = Array.from({ length: count }, (_, index) => messageText(this.#published + index));
    this.#published += count;
    const frame = wires[this.#options.wire].publish(this.#options.channel, texts);
    for (const publisher of this.#publishers()) publisher.send(frame);
  }

  #publishers(): readonly LoadClient[] {
    return this.#clients.slice(0, this.#options.publishers);
  }

  #count(client: LoadClient, count: number): void {
    this.#delivered += count;
    if (this.#sentAt !== undefined) {
      const now = performance.now();
      for (let index = client.received; index < client.received + count; index += 1) {
        this.#latencies.push(now - (this.#sentAt[index] ?? Number.NaN));
      }
    }
    if (this.#delivered >= this.#wanted) this.#arrived?.();
  }

  async #until(deliveries: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#delivered >= deliveries) return;
    let stuck: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wanted = deliveries;
      this.#arrived = resolve;
      stuck = setTimeout(() => {
        this.#fail(new Error(`${deliveries - this.#delivered} deliveries never came`));
      }, STUCK_MS);
    });
    clearTimeout(stuck);
    this.#arrived = undefined;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #settle(): Promise<void> {
    await this.#until(this.#published * this.#clients.length);
    const wrong = this.#clients.filter(({ received }) => received !== this.#published).length;
    if (wrong > 0) throw new Error(`${wrong} clients did not get exactly what was published`);
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#arrived?.();
  }

  #counts(): Omit<FanoutRun, "wallMs"> {
    return {
      messages: this.#published,
      deliveries: this.#delivered,
      frames: this.#clients.reduce((sum, { frames }) => sum + frames, 0),
      bytes: this.#clients.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }
}
