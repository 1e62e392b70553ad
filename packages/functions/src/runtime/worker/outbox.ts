import type { MessagePort } from "node:worker_threads";
import type { CallAsked, Loaded, RunOver, WorkerMessage } from "./worker-messages.ts";

/** Texts that belong to no run are told up to this many a second: a loop may write without end. */
const MAX_OUTSIDE_PER_SECOND = 50;

/** What a worker has to say: collected, and sent once in a turn of the event loop. */
export class Outbox {
  readonly #port: MessagePort;
  #turn = 0;
  #batch = 0;
  #over: RunOver[] = [];
  #calls: CallAsked[] = [];
  #settled: number[] = [];
  #outside: string[] = [];
  #loaded: Loaded | undefined;
  #isScheduled = false;
  #outsideSince = 0;
  #outsideCount = 0;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** The pool was heard. */
  heard(turn: number): void {
    this.#turn = turn;
    this.#schedule();
  }

  /** Everything of a turn was begun. */
  begun(turn: number): void {
    this.#batch = turn;
    this.#schedule();
  }

  over(over: RunOver): void {
    this.#over.push(over);
    this.#schedule();
  }

  call(call: CallAsked): void {
    this.#calls.push(call);
    this.#schedule();
  }

  settled(id: number): void {
    this.#settled.push(id);
    this.#schedule();
  }

  loaded(loaded: Loaded): void {
    this.#loaded = loaded;
    this.#schedule();
  }

  outside(text: string): void {
    const now = performance.now();
    if (now - this.#outsideSince > 1_000) {
      this.#outsideSince = now;
      this.#outsideCount = 0;
    }
    this.#outsideCount += 1;
    if (this.#outsideCount > MAX_OUTSIDE_PER_SECOND) return;
    const isLast = this.#outsideCount === MAX_OUTSIDE_PER_SECOND;
    this.#outside.push(isLast ? `${text} (more of this second is left out)` : text);
    this.#schedule();
  }

  /** Sends what there is now. */
  flush(): void {
    if (!this.#isScheduled) return;
    this.#isScheduled = false;
    const message: WorkerMessage = {
      turn: this.#turn,
      batch: this.#batch,
      over: this.#over,
      calls: this.#calls,
      settled: this.#settled,
      outside: this.#outside,
      ...(this.#loaded && { loaded: this.#loaded }),
    };
    this.#over = [];
    this.#calls = [];
    this.#settled = [];
    this.#outside = [];
    this.#loaded = undefined;
    this.#port.postMessage(message);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.flush());
  }
}
