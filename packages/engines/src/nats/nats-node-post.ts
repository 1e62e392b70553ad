import type { NodePost } from "@anywire/core";
import { AnywireError, isSegment } from "@anywire/types";
import type { Subscription } from "@nats-io/transport-node";
import { isNobodyThere } from "./nats-faults.ts";
import type { NatsLink } from "./nats-link.ts";

/** How long a node may take to answer, ms. */
const ANSWER_MS = 3_000;

/** A `NodePost` over core NATS: requests on `<prefix>.node.<name>`, answered when they are taken. */
export function createNatsNodePost(link: NatsLink): NodePost {
  return new NatsNodePost(link);
}

class NatsNodePost implements NodePost {
  readonly #link: NatsLink;
  readonly #subjects: string;
  readonly #subscriptions = new Set<Subscription>();
  #isOpen = false;

  constructor(link: NatsLink) {
    this.#link = link;
    this.#subjects = `${link.prefix}.node.`;
  }

  async start(): Promise<void> {
    await this.#link.start();
    this.#isOpen = true;
  }

  async receive(node: string, take: (message: Uint8Array) => void): Promise<void> {
    const subscription = this.#link.connection.subscribe(this.#subjects + node, {
      callback: (error, message) => {
        if (error !== null) return;
        take(message.data);
        message.respond();
      },
    });
    this.#subscriptions.add(subscription);
    await this.#link.connection.flush();
  }

  async send(node: string, message: Uint8Array): Promise<void> {
    if (!isSegment(node)) throw unknownNode();
    try {
      await this.#link.connection.request(this.#subjects + node, message, { timeout: ANSWER_MS });
    } catch (cause) {
      if (isNobodyThere(cause)) throw unknownNode();
      const text = "the server that has the session does not answer; connect anew";
      throw new AnywireError("unavailable", text, { cause });
    }
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    await this.#link.close();
  }
}

function unknownNode(): AnywireError {
  return new AnywireError("not_found", "the session is on another server; connect anew");
}
