import type { Faults } from "./faults.ts";

/** A request to the product. Made anew for each attempt, so that a signature carries the time of its attempt. */
export interface OutgoingWebhook {
  readonly url: string;
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a network goes on when a webhook is not answered 2xx. */
const RETRY_AFTER_MS = [200, 500, 1_000, 2_000, 5_000] as const;
const TIMEOUT_MS = 10_000;

/** Makes one attempt. Whether it was taken; it never rejects. */
export type WebhookAttempt = (webhook: OutgoingWebhook, signal: AbortSignal) => Promise<boolean>;

/** Makes a network's webhooks: one after the other, again when they are not taken, and with its faults. */
export class WebhookSender {
  readonly #faults: Faults;
  readonly #makeAttempt: WebhookAttempt;
  readonly #end = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #queue: Promise<unknown> = Promise.resolve();
  #heldBack: (() => OutgoingWebhook) | undefined;

  /** @param attempt how one is made; by HTTP unless the network has another way, such as email */
  constructor(faults: Faults, attempt: WebhookAttempt = request) {
    this.#faults = faults;
    this.#makeAttempt = attempt;
  }

  /** Puts a webhook in the queue. */
  send(make: () => OutgoingWebhook): void {
    if (this.#faults.take("drop_webhook") !== undefined) return;
    const late = this.#faults.take("late_webhook");
    if (late !== undefined) {
      this.#track(this.#later(late.delayMs).then(() => this.#deliver(make)));
      return;
    }
    if (this.#faults.take("duplicate_webhook") !== undefined) this.#enqueue(make);
    const heldBack = this.#heldBack;
    this.#heldBack = undefined;
    if (heldBack === undefined && this.#faults.take("reorder_webhook") !== undefined) {
      this.#heldBack = make;
      return;
    }
    this.#enqueue(make);
    if (heldBack !== undefined) this.#enqueue(heldBack);
  }

  /** Puts a webhook in the queue when so much time has passed, ms. */
  sendLater(delayMs: number, make: () => OutgoingWebhook): void {
    if (delayMs <= 0) this.send(make);
    else this.#track(this.#later(delayMs).then(() => this.send(make)));
  }

  /** Resolves when every webhook was made, and answered or given up; one that was held back for another comes alone then. */
  async idle(): Promise<void> {
    const heldBack = this.#heldBack;
    this.#heldBack = undefined;
    if (heldBack !== undefined) this.#enqueue(heldBack);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async close(): Promise<void> {
    this.#end.abort();
    await Promise.allSettled(this.#running);
  }

  #enqueue(make: () => OutgoingWebhook): void {
    this.#queue = this.#queue.then(() => this.#deliver(make));
    this.#track(this.#queue);
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.catch(() => undefined).finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async #deliver(make: () => OutgoingWebhook): Promise<void> {
    for (const waitMs of [0, ...RETRY_AFTER_MS]) {
      await this.#later(waitMs);
      if (this.#end.signal.aborted || (await this.#attempt(make()))) return;
    }
  }

  #attempt(webhook: OutgoingWebhook): Promise<boolean> {
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    return this.#makeAttempt(webhook, signal);
  }

  /** Resolves after that time, at once when it is closed. */
  #later(delayMs: number): Promise<void> {
    const { signal } = this.#end;
    if (delayMs <= 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      signal.addEventListener("abort", done);
    });
  }
}

async function request(
  { url, method = "POST", headers, body }: OutgoingWebhook,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const response = await fetch(url, { method, headers, body, signal });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
