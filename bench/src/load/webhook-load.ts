import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { webhookRequest } from "../networks/twilio.ts";
import { webhookStream } from "../networks/webhook-stream.ts";
import { percentile } from "../statistics.ts";
import { KeptConnection } from "./kept-connection.ts";

const STUCK_MS = 60_000;
const TICK_MS = 1;

/** Which webhooks there will be, and who sends them. */
export interface WebhookLoadOptions {
  readonly port: number;
  /** The path of the connection's webhooks. */
  readonly path: string;
  /** Connections that are kept; each has one webhook on its way at a time. */
  readonly connections: number;
  /** Who writes, in turn. */
  readonly persons: number;
  readonly webhooks: number;
  /** The number of the first message. */
  readonly firstNumber: number;
}

/** How long webhooks took until their 2xx. */
export interface WebhookRun {
  readonly sent: number;
  /** Different messages among them. */
  readonly messages: number;
  /** From the moment at which each was due, whether it could leave then or not. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** From the first to the last answer. */
  readonly wallMs: number;
}

/** A network that tells of messages over many connections. */
export class WebhookLoad {
  readonly #requests: readonly Buffer[];
  readonly #messages: number;
  readonly #tookMs: Float64Array;
  #free: KeptConnection[] = [];
  #all: readonly KeptConnection[] = [];
  /** Places of webhooks that are due and have no connection yet, and when they were due. */
  readonly #waiting: { place: number; dueAt: number }[] = [];
  #answered = 0;
  #wanted: number;
  readonly #over = Promise.withResolvers<void>();

  private constructor({ port, path, persons, webhooks, firstNumber }: WebhookLoadOptions) {
    const { numbers, messages } = webhookStream(webhooks, firstNumber);
    // Signed beforehand: what signing takes of the processor is not the server's.
    this.#requests = Array.from(numbers, (number) =>
      webhookRequest(port, path, number, number % persons),
    );
    this.#messages = messages;
    this.#tookMs = new Float64Array(webhooks);
    this.#wanted = webhooks;
    this.#over.promise.catch(() => undefined);
  }

  /** Signs all webhooks and connects. */
  static async open(options: WebhookLoadOptions): Promise<WebhookLoad> {
    const load = new WebhookLoad(options);
    const { port, connections } = options;
    load.#all = await Promise.all(
      Array.from({ length: connections }, () =>
        KeptConnection.open(port, (reason) => load.#fail(`a connection was lost: ${reason}`)),
      ),
    );
    load.#free = [...load.#all];
    return load;
  }

  /** Sends all at a steady rate, whatever the server makes of it; the first ones are not counted. */
  async pace(perSecond: number, uncounted: number): Promise<WebhookRun> {
    const startedAt = performance.now();
    const total = this.#requests.length;
    for (let place = 0; place < total; ) {
      const now = performance.now();
      for (; place < total; place += 1) {
        const dueAt = startedAt + (place * 1000) / perSecond;
        if (dueAt > now) break;
        this.#start(place, dueAt);
      }
      await Promise.race([delay(TICK_MS), this.#over.promise]);
    }
    return await this.#end(startedAt, uncounted);
  }

  /** Sends as fast as the connections are answered, for so long or until there are no more. */
  async flood(forMs: number): Promise<WebhookRun> {
    const startedAt = performance.now();
    const total = this.#requests.length;
    let place = 0;
    const next = (): void => {
      if (performance.now() - startedAt >= forMs) this.#wanted = place;
      for (; this.#free.length > 0 && place < this.#wanted && place < total; place += 1) {
        this.#start(place, performance.now());
      }
    };
    this.#onFree = next;
    next();
    return await this.#end(startedAt, 0);
  }

  #onFree: () => void = () => undefined;

  /** Drops all connections. */
  close(): void {
    for (const connection of this.#all) connection.destroy();
  }

  #start(place: number, dueAt: number): void {
    // By turns: one that is not used for a while is ended by the server.
    const connection = this.#free.shift();
    const request = this.#requests[place];
    if (request === undefined) return;
    if (connection === undefined) {
      this.#waiting.push({ place, dueAt });
      return;
    }
    connection.send(request, (status) => {
      this.#tookMs[place] = performance.now() - dueAt;
      this.#free.push(connection);
      if (status < 200 || status > 299) return this.#fail(`a webhook was answered ${status}`);
      this.#answered += 1;
      this.#next();
    });
  }

  #next(): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) this.#start(waiting.place, waiting.dueAt);
    this.#onFree();
    if (this.#answered >= this.#wanted) this.#over.resolve();
  }

  async #end(startedAt: number, uncounted: number): Promise<WebhookRun> {
    const stuck = setTimeout(() => {
      this.#fail(`${this.#wanted - this.#answered} webhooks were never answered`);
    }, STUCK_MS);
    await this.#over.promise.finally(() => clearTimeout(stuck));
    const wallMs = performance.now() - startedAt;
    const counted = this.#tookMs.slice(uncounted, this.#wanted).sort();
    return {
      sent: this.#wanted,
      messages: this.#messages,
      p50Ms: percentile(counted, 0.5),
      p99Ms: percentile(counted, 0.99),
      longestMs: percentile(counted, 1),
      wallMs,
    };
  }

  #fail(reason: string): void {
    this.#over.reject(new Error(reason));
  }
}
