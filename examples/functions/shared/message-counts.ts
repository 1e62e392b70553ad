/** Begins the keys of the counters of a day in UTC: `messages.2026-07-01.`, and then the type of channel. */
export function countsOfDay(at: number): string {
  return `messages.${new Date(at).toISOString().slice(0, 10)}.`;
}
