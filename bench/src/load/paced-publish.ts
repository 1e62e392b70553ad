import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { sharedNowMs } from "../clock.ts";
import { percentile } from "../statistics.ts";
import {
  centrifugeWire,
  type PublishAnswer,
  publishAnswers,
  publishCommand,
} from "../wires/centrifuge-wire.ts";
import type { WireClient } from "../wires/wire.ts";
import { LoadClient } from "./load-client.ts";
import { messageText } from "./message-text.ts";

const STUCK_MS = 30_000;

/** Who publishes, where, how often, and for how long. */
export interface PacedOptions {
  readonly port: number;
  /** They take turns; each has a socket, and publishes to its first channel without hearing it. */
  readonly publishers: readonly WireClient[];
  /** Of all of them together. */
  readonly perSecond: number;
  /** Publishing that is not counted yet, ms. */
  readonly warmUpMs: number;
  readonly forMs: number;
  /** What the error of every answer has to contain; every message has to be acknowledged when absent. */
  readonly refusal?: string;
  /** The number in the text of the first message. Default 0. */
  readonly firstNumber?: number;
  /** Whether it is told when each message was acknowledged. */
  readonly keepsTimes?: boolean;
}

/** How long the messages that count took, from the publisher's write to its read of the answer. */
export interface PacedRun {
  /** Messages that were sent, also those that are not counted. */
  readonly sent: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** When each message was acknowledged, by the clock that all processes share; only where that was asked for. */
  readonly acknowledgedAt?: readonly number[];
}

/** Publishes at a steady rate, whatever the server makes of it, and times every answer. */
export async function publishPaced(options: PacedOptions): Promise<PacedRun> {
  const load = new PacedLoad(options);
  try {
    await load.open();
    return await load.run();
  } finally {
    load.close();
  }
}

class PacedLoad {
  readonly #options: PacedOptions;
  #clients: readonly LoadClient[] = [];
  /** When each message was sent, by its number. */
  readonly #sentAt: number[] = [];
  readonly #tookMs: number[] = [];
  readonly #acknowledgedAt: number[] = [];
  #answered = 0;
  /** How many there will be. */
  #wanted = Number.POSITIVE_INFINITY;
  readonly #over = Promise.withResolvers<void>();

  constructor(options: PacedOptions) {
    this.#options = options;
    // It may fail before anybody waits.
    this.#over.promise.catch(() => undefined);
  }

  async open(): Promise<void> {
    const { port, publishers } = this.#options;
    this.#clients = await Promise.all(
      publishers.map(({ token }) =>
        LoadClient.open({
          port,
          wire: centrifugeWire,
          client: { token, channels: [] },
          onClose: (reason) => this.#fail(`a publisher lost its server: ${reason}`),
        }),
      ),
    );
    for (const client of this.#clients) {
      client.onText = (text) => {
        for (const answer of publishAnswers(text)) this.#take(answer);
      };
    }
  }

  async run(): Promise<PacedRun> {
    const { perSecond, warmUpMs, forMs } = this.#options;
    const uncounted = Math.round((perSecond * warmUpMs) / 1000);
    const total = uncounted + Math.max(1, Math.round((perSecond * forMs) / 1000));
    const startedAt = performance.now();
    for (let sent = 0; sent < total; sent += 1) {
      const waitMs = startedAt + (sent * 1000) / perSecond - performance.now();
      if (waitMs > 0) await Promise.race([delay(waitMs), this.#over.promise]);
      this.#send(sent);
    }
    await this.#allAnswered(total);
    const counted = Float64Array.from(this.#tookMs.slice(uncounted)).sort();
    return {
      sent: total,
      p50Ms: percentile(counted, 0.5),
      p99Ms: percentile(counted, 0.99),
      longestMs: percentile(counted, 1),
      ...(this.#options.keepsTimes === true ? { acknowledgedAt: this.#acknowledgedAt } : {}),
    };
  }

  close(): void {
    for (const client of this.#clients) client.destroy();
  }

  #send(number: number): void {
    const publisher = number % this.#clients.length;
    const channel = this.#options.publishers[publisher]?.channels[0] ?? "";
    const { firstNumber = 0 } = this.#options;
    const command = publishCommand(number, channel, messageText(firstNumber + number));
    this.#sentAt[number] = performance.now();
    this.#clients[publisher]?.send(command);
  }

  #take({ number, error }: PublishAnswer): void {
    this.#tookMs[number] = performance.now() - (this.#sentAt[number] ?? Number.NaN);
    this.#answered += 1;
    const { refusal, keepsTimes } = this.#options;
    if (keepsTimes === true) this.#acknowledgedAt[number] = sharedNowMs();
    const isExpected = refusal === undefined ? error === undefined : error?.includes(refusal);
    if (isExpected) this.#settle();
    else this.#fail(`a message should be ${refusal ?? "stored"}: ${error ?? "it is stored"}`);
  }

  async #allAnswered(total: number): Promise<void> {
    this.#wanted = total;
    this.#settle();
    const stuck = setTimeout(() => {
      this.#fail(`${total - this.#answered} messages were never answered`);
    }, STUCK_MS);
    await this.#over.promise.finally(() => clearTimeout(stuck));
  }

  #settle(): void {
    if (this.#answered >= this.#wanted) this.#over.resolve();
  }

  #fail(reason: string): void {
    this.#over.reject(new Error(reason));
  }
}
