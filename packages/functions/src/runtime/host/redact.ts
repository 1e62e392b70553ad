/** What stands where a secret stood. */
const HIDDEN = "***";
/** Shorter values would make a text unreadable, and are no secrets. */
const LEAST_LENGTH = 4;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** Makes a function that puts `***` in the place of each value of 4 characters and more, also where it stands as JSON or in an address. */
export function createRedact(secrets: Readonly<Record<string, string>>): Redact {
  const hidden = Object.values(secrets).filter(({ length }) => length >= LEAST_LENGTH);
  const values = [...new Set(hidden.flatMap(formsOf))];
  if (values.length === 0) return (text) => text;
  // The longest first: one secret may begin as another.
  values.sort((a, b) => b.length - a.length);
  const pattern = new RegExp(values.map(escaped).join("|"), "g");
  return (text) => text.replace(pattern, HIDDEN);
}

/** How a value may stand in a text. */
function formsOf(value: string): string[] {
  // Half a character is in no address.
  const inAddress = LONE_SURROGATE.test(value) ? value : encodeURIComponent(value);
  return [value, JSON.stringify(value).slice(1, -1), inAddress];
}

function escaped(value: string): string {
  return value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
