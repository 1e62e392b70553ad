import { counted } from "../counted.ts";
import type { Redact } from "./redact.ts";

const MAX_DEPTH = 8;
const MAX_MEMBERS = 100;
/** Values in all the fields of one line together. */
const MAX_VALUES = 1_000;
const MAX_TEXT = 1_024;
/** Longer than this as JSON, and the fields are left out. */
const MAX_LENGTH = 16_384;
/** The first half of a character whose second one was cut off. */
const HALF = /[\ud800-\udbff]$/;

/**
 * What an author gave a line beside its text, as JSON of a bounded size without secrets: what is too deep, too long or no JSON
 * is described instead.
 */
export function toLogFields(
  fields: Readonly<Record<string, unknown>>,
  redact: Redact,
): Readonly<Record<string, unknown>> {
  const plain = new PlainValues(redact).object(fields, 0);
  const { length } = JSON.stringify(plain);
  if (length <= MAX_LENGTH) return plain;
  return { leftOut: `${length} characters; a line has fields of at most ${MAX_LENGTH}` };
}

class PlainValues {
  readonly #redact: Redact;
  #left = MAX_VALUES;

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  object(value: object, depth: number): Record<string, unknown> {
    const plain: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value).slice(0, MAX_MEMBERS)) {
      // Not by assignment: a key may be one that objects have by nature.
      Object.defineProperty(plain, this.#text(key), {
        value: this.#value(member, depth + 1),
        enumerable: true,
        configurable: true,
      });
    }
    return plain;
  }

  #value(value: unknown, depth: number): unknown {
    this.#left -= 1;
    if (this.#left < 0 || depth > MAX_DEPTH) return "…";
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "boolean" || value === null) return value;
    if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
    if (typeof value === "object") return this.#member(value, depth);
    return this.#text(String(value));
  }

  #member(value: object, depth: number): unknown {
    if (Array.isArray(value) || value instanceof Set || value instanceof Map) {
      const members: unknown[] = [...value];
      return members.slice(0, MAX_MEMBERS).map((member) => this.#value(member, depth + 1));
    }
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "no date" : value.toJSON();
    if (value instanceof Error) return this.#text(String(value.stack ?? value.message));
    if (ArrayBuffer.isView(value)) return counted(value.byteLength, "byte");
    return this.object(value, depth);
  }

  #text(text: string): string {
    return shorten(this.#redact(text), MAX_TEXT);
  }
}

/** A text of at most so many characters and a mark of what is left out. */
export function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength).replace(HALF, "")}…`;
}
