import type { Listening } from "@anywire/core";
import type { BusListener, ChangeBus } from "../shared/change-bus.ts";
import type { NatsLink } from "./nats-link.ts";

/** Told by a node of whose words some may have been lost. */
const MISSED = "missed";
/** How long a broken connection can go unnoticed, ms: what was told on it is lost. */
const UNNOTICED_MS = 30_000;

/** A `ChangeBus` over core NATS: subjects `<prefix>.state.<topic>`. */
export function createNatsChangeBus(link: NatsLink): ChangeBus {
  return new NatsChangeBus(link);
}

class NatsChangeBus implements ChangeBus {
  readonly #link: NatsLink;
  readonly #subjects: string;
  readonly #missedSubject: string;
  readonly #listeners = new Set<BusListener>();
  readonly #decoder = new TextDecoder();
  #stopReconnects: () => void = () => {};
  /** When something was told last, in the time of `performance.now`. */
  #toldAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(link: NatsLink) {
    this.#link = link;
    this.#subjects = `${link.prefix}.state.`;
    this.#missedSubject = `${link.prefix}.state-${MISSED}`;
  }

  async start(): Promise<void> {
    await this.#link.start();
    this.#link.connection.subscribe(this.#missedSubject, { callback: () => this.#missed() });
    await this.#link.connection.flush();
    this.#stopReconnects = this.#link.onReconnect((brokenAt) => {
      const mayBeLost = this.#toldAt > brokenAt - UNNOTICED_MS;
      if (mayBeLost) this.#link.connection.publish(this.#missedSubject);
      this.#missed();
    });
  }

  tell(topic: string, text: string): void {
    this.#toldAt = performance.now();
    if (this.#link.isConnected) this.#link.connection.publish(this.#subjects + topic, text);
  }

  listen(listener: BusListener): Listening {
    const { connection } = this.#link;
    const subscriptions = new Set<{ unsubscribe(): void }>();
    const own: BusListener = {
      onText: listener.onText.bind(listener),
      onMissed: () => listener.onMissed(),
    };
    this.#listeners.add(own);
    return {
      hearsAll: false,
      follow: async (pattern) => {
        const subscription = connection.subscribe(this.#subjects + pattern, {
          callback: (error, { subject, data }) => {
            if (error !== null || !this.#listeners.has(own)) return;
            // It was told after what the broken connection kept from us, of which nobody knows yet.
            if (!this.#link.isConnected) return;
            own.onText(subject.slice(this.#subjects.length), this.#decoder.decode(data));
          },
        });
        subscriptions.add(subscription);
        await connection.flush();
        return () => {
          subscriptions.delete(subscription);
          subscription.unsubscribe();
        };
      },
      stop: () => {
        this.#listeners.delete(own);
        for (const subscription of subscriptions) subscription.unsubscribe();
        subscriptions.clear();
      },
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopReconnects();
    this.#listeners.clear();
    await this.#link.close();
  }

  #missed(): void {
    for (const listener of this.#listeners) listener.onMissed();
  }
}
