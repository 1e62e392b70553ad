import { z } from "zod";
import { configSchema } from "./config.ts";

/** How a field's value is written as text, in the environment or in a flag. */
export type FieldKind = "integer" | "boolean" | "list" | "text" | "secret" | "secrets";

/** One value of the configuration. */
export interface ConfigField {
  /** Where it stands, such as `http.port`. */
  readonly name: string;
  /** Its environment variable, such as `ANYWIRE_HTTP_PORT`; a secret has a second one that ends in `_FILE`. */
  readonly environmentName: string;
  readonly kind: FieldKind;
  /** What it may be, as it follows "must be". */
  readonly allowed: string;
  /** Undefined when it is not set by default. */
  readonly defaultValue: unknown;
  readonly description: string;
}

/** A part of the configuration with fields in it. The part with an empty name is the top. */
export interface ConfigSection {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly ConfigField[];
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

let sections: readonly ConfigSection[] | undefined;

/** Every section with its fields, as the schema has them. */
export function configSections(): readonly ConfigSection[] {
  sections ??= readSections(z.toJSONSchema(configSchema, { io: "input" }));
  return sections;
}

/** Every field of the configuration. */
export function configFields(): readonly ConfigField[] {
  return configSections().flatMap(({ fields }) => fields);
}

function readSections(root: JsonSchema): ConfigSection[] {
  const top: ConfigField[] = [];
  const found: ConfigSection[] = [{ name: "", description: "", fields: top }];
  for (const [name, schema] of properties(root)) {
    if (!isSection(schema)) {
      top.push(readField(name, schema));
      continue;
    }
    const fields = properties(schema).map(([key, field]) => readField(`${name}.${key}`, field));
    found.push({ name, description: schema.description ?? "", fields });
  }
  return found;
}

/** An object of any names is a value, not a section of fields. */
function isSection(schema: JsonSchema): boolean {
  return schema.type === "object" && schema.properties !== undefined;
}

function properties(schema: JsonSchema): [string, JsonSchema][] {
  return Object.entries(schema.properties ?? {}).filter(
    (entry): entry is [string, JsonSchema] => typeof entry[1] === "object",
  );
}

function readField(name: string, schema: JsonSchema): ConfigField {
  return {
    name,
    environmentName: `ANYWIRE_${name
      .replaceAll(".", "_")
      .replace(/[A-Z]/g, (capital) => `_${capital}`)
      .toUpperCase()}`,
    ...readKind(schema),
    defaultValue: schema.default,
    description: schema.description ?? "",
  };
}

function readKind(schema: JsonSchema): Pick<ConfigField, "kind" | "allowed"> {
  if (schema.anyOf !== undefined) return { kind: "secret", allowed: "a text or { file: path }" };
  if (schema.type === "object") {
    return { kind: "secrets", allowed: "names with a text or { file: path } each" };
  }
  if (schema.type === "boolean") return { kind: "boolean", allowed: "true or false" };
  if (schema.type === "integer") {
    const { minimum, maximum } = schema;
    return { kind: "integer", allowed: `a whole number from ${minimum} to ${maximum}` };
  }
  if (schema.type === "array") {
    const values = typeof schema.items === "object" && "enum" in schema.items && schema.items.enum;
    return { kind: "list", allowed: values ? `a list of ${oneOf(values)}` : "a list of texts" };
  }
  if (schema.enum !== undefined) return { kind: "text", allowed: oneOf(schema.enum) };
  return { kind: "text", allowed: schema.format === "uri" ? "a URL" : "a text, not empty" };
}

function oneOf(values: readonly unknown[]): string {
  return `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}
