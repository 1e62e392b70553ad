/**
 * The 17-digit time of an entry in units of 100 ns since the Unix epoch, unique and growing within a
 * channel. A string, since it exceeds what a number holds exactly.
 *
 * @param at milliseconds since the Unix epoch
 * @param tick 0 to 9,999: tells apart entries of one channel in one millisecond
 */
export function formatTimetoken(at: number, tick: number): string {
  return String(at).padStart(13, "0") + String(tick).padStart(4, "0");
}
