/**
 * Runs one connection's large reads: one at a time, each only when there is room for its answer. So
 * whoever asks for much and takes nothing holds one answer's memory, however much was asked for.
 */
export class ReadLane {
  readonly #hasRoom: () => boolean;
  #last: Promise<unknown> = Promise.resolve();
  #goOn: (() => void) | null = null;

  /** @param hasRoom whether the connection takes more now; when that changes, call `wake` */
  constructor(hasRoom: () => boolean) {
    this.#hasRoom = hasRoom;
  }

  /** Settles as the read does, which starts once those before it are done and there is room. */
  run<T>(read: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#room()).then(read);
    this.#last = result.catch(() => {});
    return result;
  }

  /** There is room again, or nobody who would need it. */
  wake(): void {
    this.#goOn?.();
    this.#goOn = null;
  }

  #room(): Promise<void> | undefined {
    if (this.#hasRoom()) return undefined;
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }
}
