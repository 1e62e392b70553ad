import type { OpenApiDocument, OpenApiOperation } from "../openapi-document.ts";

/** An operation and where it is. */
export interface Endpoint {
  /** Lower case, as in the document. */
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** The operations of a group, in the document's order. */
export function endpointsOf({ paths }: OpenApiDocument, tag: string): Endpoint[] {
  return Object.entries(paths)
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({ method, path, operation })),
    )
    .filter(({ operation }) => operation.tags.includes(tag));
}

/** A command that calls the operation on a development server. */
export function curlExample({ method, path, operation }: Endpoint): string {
  const filled = operation.parameters
    .filter((parameter) => parameter.in === "path")
    .reduce((url, { name, example }) => url.replace(`{${name}}`, String(example)), path);
  const lines = [
    `curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}http://localhost:4000${filled}`,
  ];
  if (operation.security.length > 0) lines.push('-H "Authorization: Bearer $TOKEN"');
  for (const [mediaType, { example }] of Object.entries(operation.requestBody?.content ?? {})) {
    lines.push(`-H "Content-Type: ${mediaType}"`, bodyOption(example));
  }
  return lines.join(" \\\n  ");
}

/** A body that is no JSON is a file. */
function bodyOption(example: unknown): string {
  return typeof example === "string"
    ? "--data-binary @photo.jpg"
    : `-d '${JSON.stringify(example)}'`;
}

/** The example of the answer that is hoped for: of several good ones, the last. */
export function goodAnswer({ responses }: OpenApiOperation): { status: string; example: unknown } {
  const good = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  const [status, answer] = good.at(-1) ?? [];
  const [content] = Object.values(answer?.content ?? {});
  return { status: status ?? "", example: content?.example };
}
