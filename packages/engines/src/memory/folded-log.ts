import type { Log, StateAddress, StateItem } from "@anywire/core";
import { foldEntry, StateBuffer } from "@anywire/core/state";
import { MemoryStateItems } from "./memory-state-items.ts";

const PAGE_ENTRIES = 1_000;

/** The state that follows from a log, made in memory to compare another one with. */
export class FoldedLog {
  readonly #log: Pick<Log, "read">;
  readonly #items = new MemoryStateItems();
  #entries = 0;
  #offset = 0;

  constructor(log: Pick<Log, "read">) {
    this.#log = log;
  }

  /** How many entries were folded. */
  get entries(): number {
    return this.#entries;
  }

  /** Offset of the last of them. */
  get offset(): number {
    return this.#offset;
  }

  /** Folds what comes after, up to an offset. */
  async foldTo(offset: number, onPage: () => void = () => {}): Promise<void> {
    for (let hasMore = this.#offset < offset; hasMore; ) {
      const range = { after: this.#offset, before: offset + 1, limit: PAGE_ENTRIES } as const;
      const page = await this.#log.read({ ...range, pattern: ">", order: "asc" });
      for (const entry of page.entries) {
        const buffer = new StateBuffer(this.#items);
        try {
          foldEntry(buffer, entry);
          this.#items.write(buffer.writes);
        } catch {
          // What is refused, or can't be understood, changes nothing.
        }
      }
      this.#entries += page.entries.length;
      this.#offset = page.entries.at(-1)?.offset ?? offset;
      hasMore = page.hasMore;
      onPage();
    }
    this.#offset = Math.max(this.#offset, offset);
  }

  /** At most `limit` items after an address, by partition and sort. */
  dump(after: StateAddress | undefined, limit: number): StateItem[] {
    return this.#items.dump(after, limit);
  }
}
