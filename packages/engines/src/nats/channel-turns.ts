import type { NatsLink } from "./nats-link.ts";

/** How nodes ask each other for a turn at a channel: on `<prefix>.turns`, in words that may get lost. */
export class ChannelTurns {
  readonly #link: NatsLink;
  readonly #subject: string;
  readonly #onAsked: (channel: string) => void;
  readonly #node: string = crypto.randomUUID();

  /** @param onAsked another node asks for a turn. */
  constructor(link: NatsLink, onAsked: (channel: string) => void) {
    this.#link = link;
    this.#subject = `${link.prefix}.turns`;
    this.#onAsked = onAsked;
  }

  /** Called once the link has started. */
  open(): void {
    this.#link.connection.subscribe(this.#subject, {
      callback: (error, message) => {
        if (error !== null) return;
        const [node, channel = ""] = message.string().split(" ");
        if (node !== this.#node) this.#onAsked(channel);
      },
    });
  }

  /** Asks the other nodes. */
  ask(channel: string): void {
    if (this.#link.isConnected) {
      this.#link.connection.publish(this.#subject, `${this.#node} ${channel}`);
    }
  }
}
