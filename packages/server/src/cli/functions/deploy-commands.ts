import { resolve } from "node:path";
import type {
  DeploymentAnswer,
  DeploymentDecision,
  PutRevisionRequest,
  RevisionInfoAnswer,
  RevisionsAnswer,
} from "@anywire/types";
import { type Command, InvalidArgumentError } from "commander";
import { escapeControls } from "../../escape-controls.ts";
import { isBuildError } from "../../functions/build-error.ts";
import type { ApiClient } from "../api-client.ts";
import { CliError, usageError } from "../cli-error.ts";
import { formatColumns } from "../columns.ts";
import type { Terminal } from "../terminal.ts";
import { formatDeployment } from "./format-deployment.ts";
import { type OperatorOptions, openOperatorClient, withServerOptions } from "./operator-client.ts";

const DEPLOY_EPILOGUE = `
Bundles every function of the directory here, puts them up as one revision and has it run on every server. The same
code again is the same revision. What ran before goes on when the new code can't be loaded.

Examples:
  $ anywire functions deploy
  $ anywire functions deploy ./functions --note "Shorter texts" --no-activate
`;

/** `anywire functions deploy | revisions | activate | rollback | canary | shadow`. */
export function addDeployCommands(functions: Command, terminal: Terminal): void {
  withServerOptions(functions.command("deploy"))
    .description("bundle the functions of a directory, and have them run")
    .argument("[directory]", "the directory (default: functions.directory of the configuration)")
    .option("--note <text>", "what for, in words", "")
    .option("--no-activate", "put them up only; `activate` has them run")
    .addHelpText("after", DEPLOY_EPILOGUE)
    .action((directory: string | undefined, options: DeployOptions, command: Command) =>
      deploy(directory, options, command, terminal),
    );
  withServerOptions(functions.command("revisions"))
    .description("tell what was put up, newest first")
    .action((_options: unknown, command: Command) => listRevisions(command, terminal));
  withServerOptions(functions.command("activate"))
    .description("have a revision run; ends canary and shadow")
    .argument("<revision>", "its id, or how it begins")
    .action((text: string, _options: unknown, command: Command) =>
      decide(command, terminal, async (api) => ({
        action: "activate",
        revision: await findRevision(api, text),
      })),
    );
  withServerOptions(functions.command("rollback"))
    .description("have the revision run that was active before")
    .action((_options: unknown, command: Command) =>
      decide(command, terminal, async () => ({ action: "rollback" })),
    );
  withServerOptions(functions.command("canary"))
    .description("have part of the channels run another revision; without one, end that")
    .argument("[revision]", "its id, or how it begins")
    .option("--percent <number>", "of 100 channels", readPercent, 10)
    .action((text: string | undefined, { percent }: { percent: number }, command: Command) =>
      decide(command, terminal, async (api) =>
        text === undefined
          ? { action: "end-canary" }
          : { action: "canary", revision: await findRevision(api, text), percent },
      ),
    );
  withServerOptions(functions.command("shadow"))
    .description("compare another revision, its effects discarded; without one, end that")
    .argument("[revision]", "its id, or how it begins")
    .action((text: string | undefined, _options: unknown, command: Command) =>
      decide(command, terminal, async (api) =>
        text === undefined
          ? { action: "end-shadow" }
          : { action: "shadow", revision: await findRevision(api, text) },
      ),
    );
}

interface DeployOptions {
  readonly note: string;
  readonly activate: boolean;
}

async function deploy(
  given: string | undefined,
  { note, activate }: DeployOptions,
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const { json } = command.optsWithGlobals<OperatorOptions>();
  const { out } = terminal;
  const { config, ...api } = await openOperatorClient(command, terminal);
  const directory = resolve(terminal.directory, given ?? config.functions.directory);
  const revision = await bundle(directory);
  const put = { ...revision, note };
  const info = await api.call<RevisionInfoAnswer>("POST", "/v1/revisions", put);
  if (json !== true) out.line(`${info.id} is put up: ${info.functions.join(", ")}.`);
  if (!activate) return json === true ? out.line(JSON.stringify(info)) : undefined;
  await decide(command, terminal, async () => ({ action: "activate", revision: info.id }));
}

/** @throws {CliError} with all that is wrong, and where. */
async function bundle(directory: string): Promise<PutRevisionRequest> {
  const { buildRevision } = await import("@anywire/functions/runtime");
  try {
    const { id, functions } = await buildRevision(directory);
    if (functions.length > 0) return { id, functions: [...functions] };
  } catch (error) {
    if (!isBuildError(error)) throw error;
    throw new CliError(`the functions in ${directory} can't be bundled:\n${error.message}`);
  }
  throw new CliError(
    `there is no function in ${directory}: make one with \`anywire functions new\`, or name the right directory`,
  );
}

async function listRevisions(command: Command, terminal: Terminal): Promise<void> {
  const { json } = command.optsWithGlobals<OperatorOptions>();
  const { out } = terminal;
  const api = await openOperatorClient(command, terminal);
  const answer = await api.call<RevisionsAnswer>("GET", "/v1/revisions");
  if (json === true) return out.line(JSON.stringify(answer));
  const { active } = await api.call<DeploymentAnswer>("GET", "/v1/deployment");
  const rows = answer.revisions.map(({ id, at, by, functions, note }) => [
    id === active ? ({ text: id, style: ["bold", "green"] } as const) : id,
    new Date(at).toISOString().slice(0, 16).replace("T", " "),
    escapeControls(by),
    String(functions.length),
    escapeControls(note),
  ]);
  const head = ["REVISION", "PUT UP (UTC)", "BY", "FUNCTIONS", "NOTE"];
  for (const line of formatColumns(head, rows, out)) out.line(line);
}

async function decide(
  command: Command,
  terminal: Terminal,
  choose: (api: ApiClient) => Promise<DeploymentDecision>,
): Promise<void> {
  const { json } = command.optsWithGlobals<OperatorOptions>();
  const { out } = terminal;
  const api = await openOperatorClient(command, terminal);
  const deployment = await api.call<DeploymentAnswer>("POST", "/v1/deployment", await choose(api));
  if (json === true) return out.line(JSON.stringify(deployment));
  for (const line of formatDeployment(deployment, out)) out.line(line);
}

/** The id of the one revision that begins so. */
async function findRevision(api: ApiClient, text: string): Promise<string> {
  const { revisions } = await api.call<RevisionsAnswer>("GET", "/v1/revisions");
  const [found, another] = revisions.filter(({ id }) => id.startsWith(text));
  if (found !== undefined && another === undefined) return found.id;
  throw usageError(
    found === undefined
      ? `no revision begins with ${text}: \`anywire functions revisions\` tells those that there are`
      : `more than one revision begins with ${text}: write more of its id`,
  );
}

function readPercent(text: string): number {
  const percent = Number(text);
  if (Number.isInteger(percent) && percent >= 1 && percent <= 99) return percent;
  throw new InvalidArgumentError("Write a whole number from 1 to 99.");
}
