import type { DeploymentAnswer, FunctionsAnswer } from "@anywire/types";
import type { Command } from "commander";
import { escapeControls } from "../../escape-controls.ts";
import { type Cell, formatColumns } from "../columns.ts";
import type { Terminal } from "../terminal.ts";
import { formatDeployment } from "./format-deployment.ts";
import {
  functionPath,
  type OperatorOptions,
  openOperatorClient,
  withServerOptions,
} from "./operator-client.ts";

const HEAD = ["NAME", "TRIGGER", "BOUND TO", "STATE", "RUNS", "ERRORS", "P50", "P99", "WAITING"];

/** `anywire functions list | disable | enable`. */
export function addManageCommands(functions: Command, terminal: Terminal): void {
  withServerOptions(functions.command("list"))
    .description("tell which functions there are, and how they do")
    .action((_options: unknown, command: Command) => list(command, terminal));
  withServerOptions(functions.command("disable"))
    .description("have a function run no more, on any server")
    .argument("<name>", "the function")
    .action((name: string, _options: unknown, command: Command) =>
      change(`${functionPath(name)}/disable`, {}, `${name} is disabled.`, command, terminal),
    );
  withServerOptions(functions.command("enable"))
    .description("have it run again: one that runs after something goes on where it stopped")
    .argument("<name>", "the function")
    .option("--from-now", "pass over what came while it was disabled")
    .action((name: string, { fromNow = false }: { fromNow?: boolean }, command: Command) =>
      change(`${functionPath(name)}/enable`, { fromNow }, `${name} is enabled.`, command, terminal),
    );
}

async function list(command: Command, terminal: Terminal): Promise<void> {
  const { json } = command.optsWithGlobals<OperatorOptions>();
  const api = await openOperatorClient(command, terminal);
  const { functions } = await api.call<FunctionsAnswer>("GET", "/v1/functions");
  const deployment = await api.call<DeploymentAnswer>("GET", "/v1/deployment");
  const { out, err } = terminal;
  if (json === true) return out.line(JSON.stringify({ functions, deployment }));
  if (functions.length > 0) {
    for (const line of formatColumns(HEAD, functions.map(cells), out)) out.line(line);
    out.line("");
  }
  for (const line of formatDeployment(deployment, out)) out.line(line);
  for (const problem of deployment.problems) err.line(err.paint("red", escapeControls(problem)));
}

function cells({
  name,
  trigger,
  binding,
  state,
  stats,
  lag,
}: FunctionsAnswer["functions"][number]): Cell[] {
  const { runs, errors, p50Ms, p99Ms } = stats;
  return [
    { text: name, style: "bold" },
    trigger,
    escapeControls(binding),
    { text: state, style: state === "running" ? "green" : "yellow" },
    String(runs),
    { text: String(errors), style: errors === 0 ? "dim" : "red" },
    milliseconds(p50Ms),
    milliseconds(p99Ms),
    lag === null ? "" : String(lag),
  ];
}

function milliseconds(value: number | null): string {
  if (value === null) return "";
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

async function change(
  where: string,
  body: object,
  said: string,
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const { json } = command.optsWithGlobals<OperatorOptions>();
  const api = await openOperatorClient(command, terminal);
  const deployment = await api.call<DeploymentAnswer>("POST", where, body);
  terminal.out.line(json === true ? JSON.stringify(deployment) : said);
}
