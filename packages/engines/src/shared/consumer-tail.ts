import type { Listening, LogEntry } from "@anywire/core";
import { PatternMatcher } from "@anywire/types";
import type { ConsumerSource } from "./consumer-source.ts";

/** How often a log is looked at whose tail may miss something. */
const LOOK_EVERY_MS = 5_000;

/** Who listens to the tail. */
export interface TailListener {
  /** An entry that matches its pattern was stored. */
  onEntry(entry: LogEntry): void;
  /** Something may be stored that the tail left out. Resolves with whether that has been looked for, and need not be again. */
  look(): Promise<boolean>;
}

/** A listener's part in the tail. */
export interface TailShare {
  /** Resolves once every new entry that matches is brought. */
  follow(): Promise<void>;
  stop(): void;
}

/**
 * The tail of a log, shared by all consumers of a node: an entry is brought to those whose pattern matches, and costs the
 * others nothing, however many they are. Where the tail may miss something, one timer looks after all of them.
 */
export class ConsumerTail {
  readonly #source: ConsumerSource;
  readonly #listeners = new PatternMatcher<TailListener>();
  readonly #all = new Set<TailListener>();
  #listening: Listening | null = null;
  #lookedTo = -1;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: ConsumerSource) {
    this.#source = source;
  }

  /** Begins to listen to what matches a pattern. */
  listen(pattern: string, listener: TailListener): TailShare {
    this.#listening ??= this.#source.tail((entry) => this.#onEntry(entry));
    const listening = this.#listening;
    this.#listeners.add(pattern, listener);
    this.#all.add(listener);
    if (this.#source.mayMiss === true)
      this.#timer ??= setTimeout(() => void this.#look(), LOOK_EVERY_MS);
    let isStopped = false;
    let end = (): void => {};
    return {
      follow: async () => {
        end = await listening.follow(pattern);
        if (isStopped) end();
      },
      stop: () => {
        if (isStopped) return;
        isStopped = true;
        end();
        this.#listeners.delete(pattern, listener);
        this.#all.delete(listener);
        if (this.#all.size === 0) this.#rest();
      },
    };
  }

  #onEntry(entry: LogEntry): void {
    this.#listeners.forEachMatch(entry.channel, (listener) => listener.onEntry(entry));
  }

  #rest(): void {
    this.#listening?.stop();
    this.#listening = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One listener after the other, so that a thousand of them do not read at once. */
  async #look(): Promise<void> {
    const timer = this.#timer;
    try {
      const head = await this.#source.head(">");
      if (head !== this.#lookedTo && (await this.#allLook())) this.#lookedTo = head;
    } catch {
      // The log cannot be read: the next look comes soon.
    }
    // Nobody may listen any more, or others with a timer of their own.
    if (this.#timer === timer) this.#timer = setTimeout(() => void this.#look(), LOOK_EVERY_MS);
  }

  async #allLook(): Promise<boolean> {
    let isDone = true;
    // One that cannot read what it wants keeps none of the others from it.
    for (const listener of this.#all)
      if (!(await listener.look().catch(() => false))) isDone = false;
    return isDone;
  }
}
