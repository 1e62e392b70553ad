import type { Faults } from "../simulator/faults.ts";
import { json, type NetworkAnswer } from "../simulator/network-server.ts";
import { type OutgoingWebhook, WebhookSender } from "../simulator/webhook-sender.ts";

/** Where updates are brought, and what is sent along. */
export interface TelegramWebhook {
  readonly url: string;
  readonly secret: string;
}

interface Update {
  readonly update_id: number;
}

/** What Telegram tells: by webhooks, or to whoever asks for it while there is none. Each waits until it was taken. */
export class TelegramSimulatorUpdates {
  webhook: TelegramWebhook | undefined;
  readonly #sender: WebhookSender;
  #pending: Update[] = [];
  #waiting: (() => void)[] = [];
  #last = 1000;
  #isClosed = false;

  constructor(faults: Faults, webhook: TelegramWebhook) {
    this.webhook = webhook;
    this.#sender = new WebhookSender(faults, (made, signal) => this.#bring(made, signal));
  }

  tell(what: object): void {
    this.#last += 1;
    const body = JSON.stringify({ update_id: this.#last, ...what });
    this.#sender.send(() => ({
      url: this.webhook?.url ?? "",
      headers: {
        "content-type": "application/json",
        "x-telegram-bot-api-secret-token": this.webhook?.secret ?? "",
      },
      body,
    }));
  }

  setWebhook(params: Readonly<Record<string, unknown>> | undefined): NetworkAnswer {
    if (params === undefined) {
      this.webhook = undefined;
      return json({ ok: true, result: true, description: "Webhook was deleted" });
    }
    const { url, secret_token = "" } = params;
    if (typeof url !== "string" || !/^https?:/.test(url)) {
      const description = "Bad Request: bad webhook: An HTTPS URL must be provided for webhook";
      return json({ ok: false, error_code: 400, description }, 400);
    }
    if (!/^[A-Za-z0-9_-]{0,256}$/.test(String(secret_token))) {
      const description = "Bad Request: secret token contains unallowed characters";
      return json({ ok: false, error_code: 400, description }, 400);
    }
    this.webhook = { url, secret: String(secret_token) };
    return json({ ok: true, result: true, description: "Webhook was set" });
  }

  /** Asking for those behind an update forgets it. */
  async poll(params: Readonly<Record<string, unknown>>): Promise<NetworkAnswer> {
    if (this.webhook !== undefined) {
      const description =
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
      return json({ ok: false, error_code: 409, description }, 409);
    }
    const { offset, timeout = 0 } = params;
    if (offset !== undefined) {
      this.#pending = this.#pending.filter(({ update_id }) => update_id >= Number(offset));
    }
    if (this.#pending.length === 0 && !this.#isClosed) await this.#wait(Number(timeout) * 1000);
    return json({ ok: true, result: this.#pending.slice(0, 100) });
  }

  idle(): Promise<void> {
    return this.#sender.idle();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    await this.#sender.close();
  }

  #wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  async #bring({ url, headers, body }: OutgoingWebhook, signal: AbortSignal): Promise<boolean> {
    if (this.webhook === undefined) {
      this.#pending.push(JSON.parse(body) as Update);
      this.#wake();
      return true;
    }
    try {
      const response = await fetch(url, { method: "POST", headers, body, signal });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }
}
