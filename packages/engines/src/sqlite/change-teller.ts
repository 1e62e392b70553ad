import type { LogEntry, StateChange, StateItem } from "@anywire/core";
import { CHANGE_FIELDS, type ChangeRows } from "./writer-messages.ts";

/** Who is told of changes of the state. */
export interface ChangeListener {
  /** Whether anybody listens: otherwise nothing is parsed. */
  readonly isWatched: boolean;
  tell(change: StateChange): void;
}

/** Tells, entry by entry, what a reply of the writer thread says of the state. */
export class ChangeTeller {
  readonly #listener: ChangeListener;
  readonly #changes: ChangeRows;
  #at = 0;

  constructor(listener: ChangeListener, changes: ChangeRows) {
    this.#listener = listener;
    this.#changes = changes;
  }

  /** Tells of the entry with that index in the reply; to be called in the order of entries. */
  tell(index: number, entry: LogEntry): void {
    const changes = this.#changes;
    if (changes[this.#at] !== index) return;
    const items: StateItem[] = [];
    for (; changes[this.#at] === index; this.#at += CHANGE_FIELDS) {
      if (!this.#listener.isWatched || changes[this.#at + 1] === "") continue;
      items.push({
        partition: String(changes[this.#at + 1]),
        sort: String(changes[this.#at + 2]),
        value: JSON.parse(String(changes[this.#at + 3])),
      });
    }
    if (this.#listener.isWatched) this.#listener.tell({ entry, items });
  }
}
