import { IdFilter } from "./id-filter.ts";

const HOUR_MS = 3_600_000;
/** How far a client's clock may be from the server's. */
const MAX_SKEW_MS = 24 * HOUR_MS;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** So many ids that have faded need the memory of one. */
const FADED_PER_ID = 20;

/** The moment, ms since the Unix epoch, that stands for the beginning of the log. */
export const BEGINNING = 0;

/**
 * The ids of a channel's last entries: all that were stored after a moment, or more. What an id tells of when it was made
 * says how far back it can be stored, so that a busy channel is not read whole to find that an id is new.
 *
 * Where memory is short, ids fade: of a new one it can still be said that it is new, and hardly any memory is needed. Of one
 * that is there it can't be said any more where.
 */
export class KnownIds {
  readonly #offsets = new Map<string, number>();
  readonly #faded = new IdFilter();
  /** Every entry with a larger offset is known. */
  #from: number;
  /** Every entry stored after that is known, milliseconds since the Unix epoch. */
  #since: number;

  /** @param from offset after which all entries are known; they were stored after `since`, those before it were not. */
  constructor(from: number, since: number) {
    this.#from = from;
    this.#since = since;
  }

  /** How much memory they take: as that of so many ids that have not faded. */
  get size(): number {
    return this.#offsets.size + this.fadedSize;
  }

  /** How much of that is taken by those that have faded. */
  get fadedSize(): number {
    return this.#faded.size / FADED_PER_ID;
  }

  /** Offset up to which entries are not known; `0` when all are. */
  get from(): number {
    return this.#from;
  }

  /** Offset of the entry with an id, as far as it is known. */
  find(id: string): number | undefined {
    return this.#offsets.get(id);
  }

  /** Whether an id that is not found may be one that has faded. */
  isUnsure(id: string): boolean {
    return this.#faded.mayHave(id) && !this.#offsets.has(id);
  }

  /** All that is known now fades. */
  fade(): void {
    for (const id of this.#offsets.keys()) this.#faded.add(id);
    this.#offsets.clear();
  }

  /** Learns of an entry. */
  add(id: string, offset: number): void {
    this.#offsets.set(id, offset);
  }

  /** Whether an id that can't be stored before a moment would be known. */
  covers(moment: number): boolean {
    return this.#from === 0 || moment > this.#since;
  }

  /** All that was stored after `since` has been added; `from` is the offset before it. */
  extend(from: number, since: number): void {
    this.#from = from;
    this.#since = since;
  }
}

/**
 * The earliest moment at which an entry with this id can have been stored, ms since the Unix epoch: for a UUID version 7,
 * a day before the time within it, since the clock of who made it may be wrong by so much. Any other id, and one from
 * further in the future than that, can be as old as the log.
 */
export function earliestOf(id: string, now: number): number {
  if (id.length !== 36 || id.charCodeAt(14) !== 55 || !UUID_V7.test(id)) return BEGINNING;
  const madeAt = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  if (madeAt > now + MAX_SKEW_MS) return BEGINNING;
  return Math.max(BEGINNING, Math.min(madeAt, now) - MAX_SKEW_MS);
}
