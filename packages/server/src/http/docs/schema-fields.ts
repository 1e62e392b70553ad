import type { JsonSchema } from "../openapi-document.ts";
import { type Html, html, prose } from "./html.ts";

/** One row for each member of an object, or for each of its variants' members. */
export function schemaFields(schema: JsonSchema): Html {
  if (schema.oneOf !== undefined) return html`${schema.oneOf.filter(isSchema).map(variant)}`;
  const required = new Set(schema.required);
  const members = Object.entries(schema.properties ?? {});
  return html`<dl class="fields">
${members.map(([name, member]) => isSchema(member) && field(name, member, required.has(name)))}
</dl>`;
}

/** One named value: its type, whether it must be there, what it is. */
export function field(name: string, schema: JsonSchema, isRequired: boolean): Html {
  const { description } = schema;
  return html`<div>
<dt><code class="name">${name}</code> <span class="type">${typeOf(schema)}</span>${isRequired && html` <span class="required">required</span>`}</dt>
<dd>${description && prose(description)}${constraints(schema)}</dd>
</div>
`;
}

/** The name of a schema that is defined elsewhere in the document. */
export function referredName({ $ref }: JsonSchema): string | undefined {
  return $ref?.split("/").at(-1);
}

function variant(schema: JsonSchema): Html {
  const { type } = schema.properties ?? {};
  const title = isSchema(type) ? String(type.const) : "";
  return html`<h4><code>${title}</code></h4>${schemaFields(schema)}`;
}

function typeOf(schema: JsonSchema): Html {
  const name = referredName(schema);
  if (name !== undefined) return html`<a href="#${name}">${name}</a>`;
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) return html`one of ${schema.enum.length} words`;
  const { items } = schema;
  if (schema.type === "array" && !Array.isArray(items) && isSchema(items)) {
    return html`list of ${typeOf(items)}`;
  }
  return html`${schema.type ?? "any JSON"}`;
}

function constraints(schema: JsonSchema): Html {
  const facts = [
    range(schema.minimum, schema.maximum, ""),
    range(schema.minLength, schema.maxLength, " characters"),
    range(schema.minItems, schema.maxItems, " items"),
    schema.default === undefined ? undefined : `default ${JSON.stringify(schema.default)}`,
  ].filter((fact) => fact !== undefined);
  const words = (schema.enum ?? []).map((word) => html`<code>${String(word)}</code> `);
  return html`${words.length > 0 && html`<p class="words">${words}</p>`}${facts.length > 0 && html`<p class="facts">${facts.join(", ")}</p>`}`;
}

function range(
  least: number | undefined,
  most: number | undefined,
  unit: string,
): string | undefined {
  if (least === undefined && most === undefined) return undefined;
  if (most === undefined) return `${least} or more${unit}`;
  return least === undefined ? `at most ${most}${unit}` : `${least} to ${most}${unit}`;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null;
}
