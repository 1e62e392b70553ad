import { type AnywireError, toAnywireError } from "@anywire/types";
import type { Log, LogEntry } from "../ports/log.ts";
import type { StateStore } from "../ports/state-store.ts";

/** What a projector works with. */
export interface ProjectorOptions {
  readonly log: Pick<Log, "read" | "tail">;
  readonly state: Pick<StateStore, "position" | "project">;
  /** Entries that are projected together at most. Default 500. */
  readonly batchSize?: number;
  /** Told of the first of failures in a row; the work is taken up again by itself. */
  readonly onError: (error: AnywireError) => void;
}

/** Characters of data that are projected together. */
const BATCH_LENGTH = 1_000_000;
/** Entries that may wait; beyond it they are read from the log when it is their turn. */
const MAX_WAITING = 10_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Keeps a state in step with its log, for drivers that do not write it with the log: projects each entry as soon as it
 * is appended, wherever that is. Several may run at the same time, which costs work and changes nothing. When the log has
 * lost what is in the state, nothing is projected until the state was made again.
 */
export class Projector {
  readonly #options: ProjectorOptions;
  readonly #batchSize: number;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#batchSize = options.batchSize ?? 500;
  }

  /** Works until the signal aborts; resolves once nothing is being projected any more. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#follow(signal, () => {
          failures = 0;
        });
      } catch (error) {
        failures += 1;
        if (failures === 1) this.#options.onError(toAnywireError(error));
        await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures), signal);
      }
    }
  }

  async #follow(signal: AbortSignal, onProjected: () => void): Promise<void> {
    const { log, state } = this.#options;
    const waiting = new WaitingEntries();
    const listening = log.tail((entry) => waiting.add(entry));
    try {
      await listening.follow(">");
      while (!signal.aborted) {
        waiting.isCut = false;
        // Rejects when the log has lost what is in the state.
        const start = await state.position();
        // What is in the log by now; what comes after it, the tail brings.
        let position = await this.#catchUp(start, signal, onProjected);
        while (!waiting.isCut && !signal.aborted) {
          await waiting.some(signal);
          position = await this.#project(waiting.take(this.#batchSize, position), position);
          onProjected();
        }
      }
    } finally {
      listening.stop();
    }
  }

  async #catchUp(from: number, signal: AbortSignal, onProjected: () => void): Promise<number> {
    const page = { limit: this.#batchSize, maxLength: BATCH_LENGTH, order: "asc" } as const;
    let position = from;
    for (let hasMore = true; hasMore && !signal.aborted; ) {
      const read = await this.#options.log.read({ ...page, pattern: ">", after: position });
      position = await this.#project(read.entries, position);
      hasMore = read.hasMore;
      onProjected();
    }
    return position;
  }

  async #project(entries: readonly LogEntry[], position: number): Promise<number> {
    const last = entries.at(-1);
    if (last === undefined) return position;
    await this.#options.state.project(entries);
    return last.offset;
  }
}

/** What the tail brought and nobody has projected yet. */
class WaitingEntries {
  /** Whether entries were dropped: too many waited, or the log went back to earlier offsets. */
  isCut = false;
  #entries: LogEntry[] = [];
  #last = 0;
  #onSome: (() => void) | null = null;

  add(entry: LogEntry): void {
    const isBefore = entry.offset <= this.#last;
    this.#last = entry.offset;
    if (isBefore || this.#entries.length >= MAX_WAITING) {
      this.isCut = true;
      this.#entries = [];
    }
    // Once cut, all that comes is in the log when it is read.
    if (!this.isCut) this.#entries.push(entry);
    this.#onSome?.();
  }

  /** Resolves when there is something, or the signal aborts. */
  async some(signal: AbortSignal): Promise<void> {
    if (this.#entries.length > 0) return;
    await untilAborted(signal, (resolve) => {
      this.#onSome = resolve;
    });
    this.#onSome = null;
  }

  /** The first entries, without those up to an offset. */
  take(limit: number, after: number): LogEntry[] {
    let length = 0;
    const end = this.#entries.findIndex(({ dataJson }, i) => {
      length += dataJson.length;
      return i === limit || (length > BATCH_LENGTH && i > 0);
    });
    const count = end < 0 ? this.#entries.length : end;
    return this.#entries.splice(0, count).filter(({ offset }) => offset > after);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await untilAborted(signal, (resolve) => {
    timer = setTimeout(resolve, ms);
  });
  clearTimeout(timer);
}

/** Waits until `begin` resolves it or the signal aborts. */
async function untilAborted(
  signal: AbortSignal,
  begin: (resolve: () => void) => void,
): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      signal.removeEventListener("abort", end);
      resolve();
    };
    signal.addEventListener("abort", end);
    begin(end);
  });
}
