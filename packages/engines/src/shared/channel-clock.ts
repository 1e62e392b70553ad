/** Ticks in one millisecond: a timetoken counts in 100 ns. */
const TICKS_PER_MS = 10_000;

/** When an entry was stored: `at` in ms since the Unix epoch, `tick` 0 to 9,999 within it. */
export interface EntryTime {
  readonly at: number;
  readonly tick: number;
}

/**
 * The time of a channel's next entry: `now`, unless that would not be later than the entry before it. A
 * clock that was set back stands still until it has caught up, and a used up millisecond borrows from
 * the next.
 */
export function nextEntryTime(previous: EntryTime | undefined, now: number): EntryTime {
  if (previous === undefined || now > previous.at) return { at: now, tick: 0 };
  if (previous.tick + 1 < TICKS_PER_MS) return { at: previous.at, tick: previous.tick + 1 };
  return { at: previous.at + 1, tick: 0 };
}
