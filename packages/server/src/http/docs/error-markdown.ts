import {
  type CloseRow,
  DISCONNECT_ROWS,
  ERROR_ROWS,
  ERROR_TEXTS,
  UNSUBSCRIBE_ROWS,
} from "./error-tables.ts";

/** Every error as Markdown: the text of `docs/reference/errors.md`. */
export function errorMarkdown(): string {
  const errors = ERROR_ROWS.map(({ code, http, socket, retry, when }) => [
    `<a id="${code}"></a>\`${code}\``,
    String(http),
    String(socket),
    yesOrNo(retry),
    when,
  ]);
  return `# Errors

<!-- Made from packages/types/src/errors.ts and close-codes.ts by \`npx vitest run error-docs -u\`. -->

${ERROR_TEXTS.errors}

${table(["Code", "HTTP", "Socket", "Retry", "When"], errors)}

## Disconnects

${ERROR_TEXTS.disconnects}

${table(["Name", "Code", "Reason", "Comes back"], DISCONNECT_ROWS.map(closeCells))}

## Unsubscribes

${ERROR_TEXTS.unsubscribes}

${table(["Name", "Code", "Reason", "Comes back"], UNSUBSCRIBE_ROWS.map(closeCells))}
`;
}

function closeCells({ name, code, reason, comesBack }: CloseRow): string[] {
  return [`\`${name}\``, String(code), reason, yesOrNo(comesBack)];
}

function yesOrNo(value: boolean): string {
  return value ? "yes" : "no";
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
