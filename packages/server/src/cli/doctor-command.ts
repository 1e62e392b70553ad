import type { Command } from "commander";
import type { LoadedConfig } from "../config/load-config.ts";
import { CliError } from "./cli-error.ts";
import { type GlobalOptions, loadCommandConfig } from "./command-config.ts";
import { CHECKS, type Finding } from "./doctor-checks.ts";
import type { Output, Terminal } from "./terminal.ts";

const EPILOGUE = `
Looks at Node.js, the configuration, the data directory and its space, the database, the state that follows
from the log, the keys, the port and the clock. Ends with 1 when anything is wrong.

Examples:
  $ anywire doctor
  $ anywire doctor --data /var/lib/anywire --json
`;

/** A finding with the name of what was looked at. */
type NamedFinding = Finding & { readonly name: string };

/** `anywire doctor`: looks for what keeps a server from running well, and says what to do. */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  program
    .command("doctor")
    .description("look for what is wrong and say what to do")
    .addHelpText("after", EPILOGUE)
    .action((_options: unknown, command: Command) => runDoctor(command, terminal));
}

async function runDoctor(command: Command, terminal: Terminal): Promise<void> {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  const checks = await examine(command, terminal);
  const faults = checks.filter(({ ok }) => !ok).length;
  if (json === true) terminal.out.line(JSON.stringify({ ok: faults === 0, checks }));
  else for (const check of checks) terminal.out.line(formatCheck(check, terminal.out));
  if (faults > 0) throw new CliError(`${faults} of ${checks.length} checks failed`);
}

function formatCheck({ name, ok, detail }: NamedFinding, out: Output): string {
  const mark = ok ? out.paint("green", "✓") : out.paint("red", "✗");
  return `${mark} ${name.padEnd(9)} ${detail}`;
}

async function examine(command: Command, terminal: Terminal): Promise<NamedFinding[]> {
  const findings: NamedFinding[] = [{ name: "node", ok: true, detail: process.version }];
  let loaded: LoadedConfig;
  try {
    loaded = await loadCommandConfig(command, terminal);
  } catch (error) {
    // Without a configuration nothing else can be looked at.
    return [...findings, { name: "config", ...failure(error) }];
  }
  const { config, file } = loaded;
  findings.push({
    name: "config",
    ok: true,
    detail: file ?? "no file; defaults, environment and flags",
  });
  for (const [name, check] of Object.entries(CHECKS)) {
    findings.push({ name, ...(await check(config).catch(failure)) });
  }
  return findings;
}

function failure(error: unknown): Finding {
  return { ok: false, detail: error instanceof Error ? error.message : String(error) };
}
