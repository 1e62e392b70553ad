import { type AnywireError, toAnywireError } from "@anywire/types";
import type { Log, LogEntry } from "../ports/log.ts";
import type { StateStore } from "../ports/state-store.ts";

/** What a projector works with. */
export interface ProjectorOptions {
  readonly log: Pick<Log, "read" | "tail" | "head">;
  readonly state: Pick<StateStore, "position" | "project">;
  /** Entries that are projected together at most. Default 500. */
  readonly batchSize?: number;
  /** Told of the first of failures in a row; the work is taken up again by itself. */
  readonly onError: (error: AnywireError) => void;
}

/** How far a state trails behind its log, as its projector knows it. */
export interface StateLag {
  /** Offsets from the last entry in the state to the last in the log; undefined until it is known where the state is. */
  readonly entries: number | undefined;
  /**
   * How long ago the oldest entry was stored that is not in the state, or since when nothing could be projected, ms;
   * `0` when the state has everything.
   */
  readonly ageMs: number;
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
  #failures = 0;
  #isRunning = false;
  /** Of the last entry in the log, as far as is known without asking for it each time. */
  #head = 0;
  /** Of the last entry in the state; undefined until the state has said it. */
  #position: number | undefined;
  /** When the oldest entry was stored that is not in the state, ms since the Unix epoch; undefined when there is none. */
  #behindSince: number | undefined;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#batchSize = options.batchSize ?? 500;
  }

  /** How far the state trails; undefined while this one does not run, and so does not know. Asks nobody. */
  lag(): StateLag | undefined {
    if (!this.#isRunning) return undefined;
    const position = this.#position;
    const since = this.#behindSince;
    return {
      entries: position === undefined ? undefined : Math.max(0, this.#head - position),
      ageMs: since === undefined ? 0 : Math.max(0, Date.now() - since),
    };
  }

  /** Works until the signal aborts; resolves once nothing is being projected any more. */
  async run(signal: AbortSignal): Promise<void> {
    this.#isRunning = true;
    this.#failures = 0;
    // Others may have worked since it ran last.
    this.#position = undefined;
    this.#behindSince = undefined;
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (error) {
        this.#failures += 1;
        if (this.#failures === 1) this.#options.onError(toAnywireError(error));
        // Nor will what comes from now on be in the state.
        this.#behindSince ??= Date.now();
        await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures), signal);
      }
    }
    this.#isRunning = false;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { log, state } = this.#options;
    const waiting = new WaitingEntries();
    const listening = log.tail((entry) => {
      this.#head = Math.max(this.#head, entry.offset);
      this.#behindSince ??= entry.at;
      waiting.add(entry);
    });
    try {
      await listening.follow(">");
      while (!signal.aborted) {
        waiting.isCut = false;
        this.#head = await log.head(">");
        // Rejects when the log has lost what is in the state.
        this.#position = await state.position();
        // What is in the log by now; what comes after it, the tail brings.
        let position = await this.#catchUp(this.#position, waiting, signal);
        while (!waiting.isCut && !signal.aborted) {
          await waiting.some(signal);
          position = await this.#project(waiting.take(this.#batchSize, position), position);
          this.#reached(position, waiting.isEmpty);
        }
      }
    } finally {
      listening.stop();
    }
  }

  async #catchUp(from: number, waiting: WaitingEntries, signal: AbortSignal): Promise<number> {
    const page = { limit: this.#batchSize, maxLength: BATCH_LENGTH, order: "asc" } as const;
    let position = from;
    for (let hasMore = true; hasMore && !signal.aborted; ) {
      const read = await this.#options.log.read({ ...page, pattern: ">", after: position });
      position = await this.#project(read.entries, position);
      hasMore = read.hasMore;
      this.#reached(position, !hasMore && waiting.isEmpty);
    }
    return position;
  }

  async #project(entries: readonly LogEntry[], position: number): Promise<number> {
    const [first] = entries;
    const last = entries.at(-1);
    if (first === undefined || last === undefined) return position;
    this.#behindSince = first.at;
    await this.#options.state.project(entries);
    return last.offset;
  }

  #reached(position: number, isAll: boolean): void {
    this.#failures = 0;
    this.#position = position;
    if (!isAll) return;
    this.#head = position;
    this.#behindSince = undefined;
  }
}

/** What the tail brought and nobody has projected yet. */
class WaitingEntries {
  /** Whether entries were dropped: too many waited, or the log went back to earlier offsets. */
  isCut = false;
  #entries: LogEntry[] = [];
  #last = 0;
  #onSome: (() => void) | null = null;

  /** Whether nothing waits, nor was dropped. */
  get isEmpty(): boolean {
    return this.#entries.length === 0 && !this.isCut;
  }

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
