/** What stands where a secret stood. */
const HIDDEN = "***";
/** Shorter values would make a text unreadable, and are no secrets. */
const LEAST_LENGTH = 4;

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** Makes a function that puts `***` in the place of each value of 4 characters and more. */
export function createRedact(secrets: Readonly<Record<string, string>>): Redact {
  const values = Object.values(secrets).filter(({ length }) => length >= LEAST_LENGTH);
  if (values.length === 0) return (text) => text;
  // The longest first: one secret may begin as another.
  values.sort((a, b) => b.length - a.length);
  const pattern = new RegExp(values.map(escaped).join("|"), "g");
  return (text) => text.replace(pattern, HIDDEN);
}

function escaped(value: string): string {
  return value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
