import type { OpenApiDocument, OpenApiParameter } from "../openapi-document.ts";
import { curlExample, type Endpoint, endpointsOf, goodAnswer } from "./endpoint.ts";

/** The HTTP API as Markdown: the text of `docs/reference/http.md`. */
export function apiMarkdown(document: OpenApiDocument): string {
  const groups = document.tags.map(({ name, description }) =>
    [`## ${name}`, description, ...endpointsOf(document, name).map(section)].join("\n\n"),
  );
  const introduction = [
    "# HTTP API",
    "<!-- Made from the operations in packages/server/src/http by `npx vitest run api-docs -u`. -->",
    document.info.description,
    "A running server has all of this, with every object, at `/docs`, and for programs at `/openapi.json`.",
  ];
  return `${[...introduction, ...groups].join("\n\n")}\n`;
}

function section(endpoint: Endpoint): string {
  const { method, path, operation } = endpoint;
  const { status, example } = goodAnswer(operation);
  const answer = typeof example === "string" ? example.trimEnd() : JSON.stringify(example, null, 2);
  return [
    `### ${operation.summary}`,
    `\`${method.toUpperCase()} ${path}\``,
    operation.description,
    ...(operation.parameters.length === 0 ? [] : [parameterList(operation.parameters)]),
    `\`\`\`sh\n${curlExample(endpoint)}\n\`\`\``,
    `Answers ${status}:`,
    `\`\`\`${typeof example === "string" ? "" : "json"}\n${answer}\n\`\`\``,
    answerList(endpoint),
  ].join("\n\n");
}

function parameterList(parameters: readonly OpenApiParameter[]): string {
  return parameters
    .map(({ name, in: place, description }) => `- \`${name}\` (${place}): ${description}`)
    .join("\n");
}

function answerList({ operation }: Endpoint): string {
  return Object.entries(operation.responses)
    .map(([status, { description }]) => `- ${status}: ${description.replaceAll("\n", " ")}`)
    .join("\n")
    .replaceAll("(/docs/errors#", "(errors.md#");
}
