import type { ConfigField } from "./config-fields.ts";

/** A part of a configuration that has not been checked. */
type Section = Record<string, unknown>;

/** A configuration while it is put together: values that have not been checked, and where each comes from. */
export class RawConfig {
  readonly values: Section = {};
  /** By field name; absent for what was never set. */
  readonly origins = new Map<string, string>();

  /** Lays an object over what is there, field by field. Without an origin its fields count as defaults. */
  merge(content: object, fields: readonly ConfigField[], origin?: string): void {
    for (const [name, value] of Object.entries(content)) {
      const below = this.values[name];
      const base = isSection(below) ? below : {};
      this.values[name] = isSection(value) ? { ...base, ...value } : value;
    }
    if (origin === undefined) return;
    for (const { name } of fields) {
      if (valueAt(content, name) !== undefined) this.origins.set(name, origin);
    }
  }

  /** Sets one field. */
  set(field: ConfigField, value: unknown, origin: string): void {
    const [top = "", key] = field.name.split(".");
    this.origins.set(field.name, origin);
    if (key === undefined) {
      this.values[top] = value;
      return;
    }
    const section = this.values[top];
    this.values[top] = { ...(isSection(section) ? section : {}), [key]: value };
  }

  /** Sets one field from text: a number, a switch, a list or an object is read as such when it is one. */
  setText(field: ConfigField, text: string, origin: string): void {
    this.set(field, readText(field, text), origin);
  }

  /** The value at a dotted name, undefined when there is none. */
  get(name: string): unknown {
    return valueAt(this.values, name);
  }
}

function valueAt(content: unknown, name: string): unknown {
  let value = content;
  for (const key of name.split(".")) value = isSection(value) ? value[key] : undefined;
  return value;
}

function readText({ kind }: ConfigField, text: string): unknown {
  switch (kind) {
    case "integer":
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" || (text === "false" ? false : text);
    case "list":
      return text.split(",").map((item) => item.trim());
    case "secrets":
      return readJson(text);
    case "text":
    case "secret":
      return text;
  }
}

/** What is no JSON is told with the rest that is wrong. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isSection(value: unknown): value is Section {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
