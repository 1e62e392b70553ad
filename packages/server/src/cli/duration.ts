const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** Seconds of a duration such as `45s`, `30m`, `1h`, `7d` or `2w`; undefined for anything else, and for none. */
export function parseDurationSeconds(text: string): number | undefined {
  const [, count = "", unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (unit === undefined) return undefined;
  const seconds = Number(count) * SECONDS[unit as keyof typeof SECONDS];
  return seconds === 0 ? undefined : seconds;
}
