/** How much of a value an error shows. */
const MAX_SHOWN = 80;

/** Any value in a few words, for an error: what it is, and its beginning. Never throws. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return `the string ${shorten(JSON.stringify(value.slice(0, MAX_SHOWN)))}`;
    case "number":
    case "boolean":
    case "bigint":
      return `the ${typeof value} ${shorten(String(value))}`;
    case "object":
      return describeObject(value);
    default:
      return `a ${typeof value}`;
  }
}

function describeObject(value: object): string {
  try {
    const json = JSON.stringify(value);
    const shown = json === undefined ? "" : `, ${shorten(json)}`;
    return `${classOf(value)}${shown}`;
  } catch {
    // A getter that throws, a circle, a proxy: an object all the same.
    return "an object that is no JSON";
  }
}

function classOf(value: object): string {
  if (Array.isArray(value)) return "an array";
  const name = value.constructor?.name ?? "Object";
  return name === "Object" ? "an object" : `an object of ${shorten(String(name))}`;
}

function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…`;
}
