import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProcessTerminal } from "./process-terminal.ts";
import { createProgram } from "./program.ts";

const INTRODUCTION = `# The anywire command

<!-- Made from the commands in packages/server/src/cli; \`npx vitest run -u packages/server/src/cli/cli-docs.test.ts\` makes it anew. -->

\`npx anywire\` where it is installed, \`npm run anywire --\` in a checkout. Every command takes the options of the first
section. Results go to standard output and everything else to standard error, so that
\`TOKEN=$(anywire token --account bob)\` holds the token and nothing more. With \`--json\` results are JSON, one document or one
object a line, log lines are JSON, and an error is \`{"error": {"message", "exitCode"}}\`. Colours appear only on a terminal, and
never when \`NO_COLOR\` is set.
`;

test("docs/reference/cli.md is what the commands say of themselves", async () => {
  const page = fileURLToPath(new URL("../../../../docs/reference/cli.md", import.meta.url));
  await expect(formatDocs(createProgram(createProcessTerminal()))).toMatchFileSnapshot(page);
});

function formatDocs(program: Command): string {
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);
  return [INTRODUCTION, ...[program, ...commands].map(formatCommand)].join("\n");
}

function formatCommand(command: Command): string {
  return `## ${fullName(command)}\n\n\`\`\`\n${helpOf(command).trim()}\n\`\`\`\n`;
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function helpOf(command: Command): string {
  let help = "";
  command
    .configureHelp({ helpWidth: 100, showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
    })
    .outputHelp();
  return help;
}
