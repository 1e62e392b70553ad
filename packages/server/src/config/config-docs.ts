import { type ConfigField, type ConfigSection, configSections } from "./config-fields.ts";

const INTRODUCTION = `# Configuration

<!-- Made by \`anywire config docs\`; change the schema in packages/server/src/config/config.ts instead. -->

Everything has a default. What you set comes from, later ones winning:

1. \`anywire.config.ts\` (or \`.mts\`, \`.js\`, \`.mjs\`, \`.json\`) in the working directory, or the file named by \`--config\`;
2. environment variables;
3. flags: \`--port\` (\`http.port\`), \`--data\` (\`data.directory\`).

\`\`\`ts
import type { ConfigInput } from "anywire";

export default {
  http: { host: "0.0.0.0", corsOrigins: ["https://app.example.org"] },
  tokens: { keys: { file: "/run/secrets/keys.json" } },
} satisfies ConfigInput;
\`\`\`

A key or an \`ANYWIRE_*\` variable that does not exist is an error, and all problems are reported at once. In a variable,
a list is separated by commas, names with a text each are JSON, and an empty text counts as not set. A secret is given as text, or as
\`{ file: "path" }\`; its second variable, which ends in \`_FILE\`, names a file too. Relative paths start at the working
directory.

\`anywire config check\` says what is wrong, \`anywire config print\` shows what holds and where it comes from.
`;

/** The reference of the configuration as Markdown, made from the schema. */
export function formatConfigDocs(): string {
  return [INTRODUCTION, ...configSections().map(formatSection)].join("\n");
}

function formatSection({ name, description, fields }: ConfigSection): string {
  const title = name === "" ? "## Top level\n" : `## ${name}\n\n${description}\n`;
  return `${title}\n${fields.map(formatField).join("\n")}`;
}

function formatField(field: ConfigField): string {
  const { name, environmentName, kind, allowed, defaultValue, description } = field;
  const variables =
    kind === "secret" ? [environmentName, `${environmentName}_FILE`] : [environmentName];
  const standard = defaultValue === undefined ? "not set" : `\`${JSON.stringify(defaultValue)}\``;
  return `### \`${name}\`

${description}

- Value: ${allowed}. Default: ${standard}
- Environment: ${variables.map((variable) => `\`${variable}\``).join(", ")}
`;
}
