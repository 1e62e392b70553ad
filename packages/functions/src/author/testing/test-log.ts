import { formatTimetoken } from "@anywire/types";
import type { FunctionMessage } from "../events.ts";

/** What a function stored on a channel. */
export interface TestEntry {
  readonly channel: string;
  readonly kind: "message" | "data";
  readonly id: string;
  readonly sender: string;
  /** Of a message. */
  readonly message?: FunctionMessage;
  /** Of other JSON. */
  readonly data?: unknown;
  readonly offset: number;
  readonly at: number;
  readonly timetoken: string;
}

/** Entries of all channels, in memory. */
export class TestLog {
  readonly entries: TestEntry[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Stores an entry; the same id again on its channel gives the one that is there. */
  append(
    draft: Omit<TestEntry, "offset" | "at" | "timetoken"> & { readonly at?: number },
  ): TestEntry {
    const { channel, id, at = this.#now() } = draft;
    const found = this.entries.find((entry) => entry.channel === channel && entry.id === id);
    if (found !== undefined) return found;
    const offset = this.entries.length + 1;
    const entry = { ...draft, offset, at, timetoken: formatTimetoken(at, offset % 10_000) };
    this.entries.push(entry);
    return entry;
  }
}
