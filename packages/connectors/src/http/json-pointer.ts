/**
 * What a JSON Pointer leads to; undefined when it leads nowhere. The empty one is the whole.
 * @see https://www.rfc-editor.org/rfc/rfc6901
 */
export function readPointer(value: unknown, pointer: string): unknown {
  let at = value;
  for (const key of keysOf(pointer)) {
    // Own properties alone: "/constructor" is no field of a message.
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return at;
}

/** A copy with something put where the pointer leads; what is missing on the way there is made, as objects. */
export function putPointer(value: unknown, pointer: string, what: unknown): unknown {
  const [key, ...rest] = keysOf(pointer);
  if (key === undefined) return what;
  const below = rest.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  const at = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return { ...at, [key]: putPointer(at[key], below, what) };
}

function keysOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}
