/** Values of placeholders by their names, such as `text` or `settings.url`. Undefined for one that has none this time. */
export type Values = (name: string) => string | undefined;

const PLACEHOLDER = /\{\{\s*([\w.-]+)\s*\}\}/g;
const ALONE = /^\{\{\s*([\w.-]+)\s*\}\}$/;

/** A JSON value whose texts are templates. */
export type Tree =
  | string
  | number
  | boolean
  | null
  | readonly Tree[]
  | { readonly [key: string]: Tree };

/** The names in a template, in their order. */
export function placeholdersOf(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = ""]) => name);
}

/** All names in all texts of a tree. */
export function placeholdersIn(tree: Tree): readonly string[] {
  if (typeof tree === "string") return placeholdersOf(tree);
  if (typeof tree !== "object" || tree === null) return [];
  return Object.values(tree).flatMap(placeholdersIn);
}

/** A template filled in. What is filled in is no template, whatever braces it has. */
export function fill(
  template: string,
  values: Values,
  encode: (value: string) => string = String,
): string {
  return template.replaceAll(PLACEHOLDER, (_, name: string) => encode(values(name) ?? ""));
}

/** A tree filled in; what consists of one placeholder without a value is left out. */
export function fillTree(tree: Tree, values: Values): Tree | undefined {
  if (typeof tree === "string") {
    const [, name] = ALONE.exec(tree) ?? [];
    return name === undefined ? fill(tree, values) : values(name);
  }
  if (typeof tree !== "object" || tree === null) return tree;
  if (isList(tree)) {
    return tree.map((item) => fillTree(item, values)).filter((item) => item !== undefined);
  }
  const entries = Object.entries(tree).map(([key, item]) => [key, fillTree(item, values)]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

/** What stood in the placeholders of a filled-in template; undefined when the text is not of its making. */
export function unfill(template: string, text: string): ReadonlyMap<string, string> | undefined {
  const names = placeholdersOf(template);
  const literals = template.split(/\{\{\s*[\w.-]+\s*\}\}/).map((part) => escapePattern(part));
  const match = new RegExp(`^${literals.join("([\\s\\S]*)")}$`).exec(text);
  return match ? new Map(names.map((name, index) => [name, match[index + 1] ?? ""])) : undefined;
}

/** What stood in the placeholders of a filled-in tree; undefined when the value is not of its making. */
export function unfillTree(tree: Tree, value: unknown): ReadonlyMap<string, string> | undefined {
  if (typeof tree === "string") {
    if (value === undefined && ALONE.test(tree)) return new Map();
    return typeof value === "string" ? unfill(tree, value) : undefined;
  }
  if (typeof tree !== "object" || tree === null) return tree === value ? new Map() : undefined;
  const found = new Map<string, string>();
  for (const [key, item] of Object.entries(tree)) {
    const inner = unfillTree(item, (value as Readonly<Record<string, unknown>> | null)?.[key]);
    if (inner === undefined) return undefined;
    for (const [name, text] of inner) found.set(name, text);
  }
  return found;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}
