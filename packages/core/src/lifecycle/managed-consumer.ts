import type { Consumer, DeadLetter } from "../ports/log.ts";
import { Gate } from "./gate.ts";

/** Gives a driver's running consumer its end: `close` once, after the calls under way, then refusal. */
export class ManagedConsumer implements Consumer {
  readonly name: string;
  readonly #consumer: Consumer;
  readonly #onClosed: () => void;
  readonly #gate: Gate;

  constructor(consumer: Consumer, onClosed: () => void) {
    this.name = consumer.name;
    this.#consumer = consumer;
    this.#onClosed = onClosed;
    this.#gate = new Gate(`consumer ${consumer.name}`);
  }

  /** Lets calls in: the driver's consumer is running already. */
  start(): Promise<void> {
    return this.#gate.start(async () => {});
  }

  position(): Promise<number> {
    return this.#gate.run(() => this.#consumer.position());
  }

  lag(): Promise<number | null> {
    return this.#gate.run(() => this.#consumer.lag());
  }

  deadLetters(after: number, limit: number): Promise<readonly DeadLetter[]> {
    return this.#gate.run(() => this.#consumer.deadLetters(after, limit));
  }

  replay(offset: number): Promise<boolean> {
    return this.#gate.run(() => this.#consumer.replay(offset));
  }

  close(): Promise<void> {
    return this.#gate.close(async () => {
      this.#onClosed();
      await this.#consumer.close();
    });
  }
}
