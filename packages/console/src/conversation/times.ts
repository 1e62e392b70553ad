const TIME = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const WEEKDAY = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long" });
const DATE = new Intl.DateTimeFormat("en", { day: "numeric", month: "long", year: "numeric" });
const SHORT_WEEKDAY = new Intl.DateTimeFormat("en", { weekday: "short" });
const SHORT_DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
const SHORT_DATE = new Intl.DateTimeFormat("en", {
  day: "numeric",
  month: "short",
  year: "numeric",
});

/** The time of day, as this browser's user writes it. */
export function formatTime(at: number): string {
  return TIME.format(at);
}

/** A day as one calls it at `now`; both in milliseconds since the Unix epoch. */
export function formatDay(at: number, now: number): string {
  const day = new Date(at);
  const today = new Date(now);
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (day.toDateString() === today.toDateString()) return "Today";
  if (day.toDateString() === yesterday.toDateString()) return "Yesterday";
  return (day.getFullYear() === today.getFullYear() ? WEEKDAY : DATE).format(day);
}

/** When something was, in the fewest words: a time today, a weekday this week, otherwise a date. */
export function formatWhen(at: number, now: number): string {
  const day = new Date(at);
  const today = new Date(now);
  if (day.toDateString() === today.toDateString()) return formatTime(at);
  const weekAgo = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 6);
  if (day >= weekAgo) return SHORT_WEEKDAY.format(day);
  return (day.getFullYear() === today.getFullYear() ? SHORT_DAY : SHORT_DATE).format(day);
}
