import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { CliError } from "./cli-error.ts";
import { type GlobalOptions, loadCommandConfig } from "./command-config.ts";
import { progressLines } from "./migrate-progress.ts";
import type { Migrated } from "./migrate-to-cluster.ts";
import type { Terminal } from "./terminal.ts";

const EPILOGUE = `
Copies the log of the data directory into the cluster that nats and dynamodb in the configuration name, whatever engine
says there. Offsets, times and the epoch stay as they are, so clients and read marks go on. So do durable consumers: how
far each is, what it has to try again, and its dead letters. Stop the server first: none can use the directory meanwhile,
and none can open the cluster's log before all is there.

Broken off, it goes on where it stopped when it is started again. At the end everything is counted anew on both sides, the
state is made in the cluster and compared byte for byte, and the exit code is 1 when anything differs. Keys and values that
functions keep are copied too, for as long as each has to live. Attachments, keys.json and connections.key are files: copy
them yourself.

Examples:
  $ anywire migrate --to cluster --data /var/lib/anywire
`;

/** `anywire migrate`: from one engine to another. */
export function addMigrateCommand(program: Command, terminal: Terminal): void {
  const to = new Option("--to <engine>", "the engine to go to").choices(["cluster"]);
  program
    .command("migrate")
    .description("copy the embedded log into a cluster, and count it anew there")
    .addOption(to.makeOptionMandatory())
    .addHelpText("after", EPILOGUE)
    .action((_options: unknown, command: Command) => migrate(command, terminal));
}

async function migrate(command: Command, terminal: Terminal): Promise<void> {
  const { json = false } = command.optsWithGlobals<GlobalOptions>();
  const { config } = await loadCommandConfig(command, terminal);
  const directory = resolve(terminal.directory, config.data.directory);
  const { openSqliteSource } = await import("@anywire/engines/sqlite");
  const { migrateToCluster } = await import("./migrate-to-cluster.ts");
  const startedAt = performance.now();
  const source = await openSqliteSource(directory);
  let migrated: Migrated;
  try {
    if (source.entries === 0) {
      throw new CliError(`the log in ${directory} has no entries: just set engine to cluster`);
    }
    migrated = await migrateToCluster(source, config, progressLines(terminal.err, json));
  } finally {
    await source.close();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  if (json) terminal.out.line(JSON.stringify(resultOf(migrated, seconds)));
  else for (const line of linesOf(migrated, seconds)) terminal.out.line(line);
  const { differences } = migrated;
  if (differences.length > 0) {
    throw new CliError(
      `the cluster is not what the embedded log is${migrated.isOpen ? "" : ", and stays closed to servers"}: ${differences.join("; ")}; ${remedyOf(migrated)}`,
    );
  }
  if (!json) for (const line of whatRemains(directory)) terminal.out.line(line);
}

function resultOf(migrated: Migrated, seconds: number): object {
  const { copied, consumers, log, state, keys, differences } = migrated;
  const sides = ({ entries, channels, digest }: Migrated["log"]["cluster"]) => {
    return { entries, channels: channels.size, digest };
  };
  return {
    isSame: differences.length === 0,
    differences,
    copied,
    consumers,
    log: { embedded: sides(log.embedded), cluster: sides(log.cluster) },
    state,
    keys,
    seconds,
  };
}

function linesOf({ copied, consumers, log, state, keys }: Migrated, seconds: number): string[] {
  const ofLog = ({ entries, channels, digest }: Migrated["log"]["cluster"]): string =>
    `${entries} entries in ${channels.size} channels, SHA-256 ${digest}`;
  const lines = [
    `Copied ${copied} entries in ${seconds.toFixed(1)} s, counting and comparing included.`,
    `Log, embedded:   ${ofLog(log.embedded)}`,
    `Log, cluster:    ${ofLog(log.cluster)}`,
  ];
  if (state !== null) {
    const { embedded, cluster } = state;
    lines.push(`State, embedded: ${embedded.items} items, SHA-256 ${embedded.digest}`);
    lines.push(`State, cluster:  ${cluster.items} items, SHA-256 ${cluster.digest}`);
  }
  if (consumers !== null) {
    const { waiting, deadLetters } = consumers;
    lines.push(
      `Consumers:       ${consumers.consumers} copied, ${waiting} waiting channels, ${deadLetters} dead letters`,
    );
  }
  if (keys !== null) lines.push(`Keys and values: ${keys} copied`);
  return lines;
}

function remedyOf({ state }: Migrated): string {
  return state === null
    ? "remove what was copied, and migrate again"
    : "let `anywire rebuild state --verify` look at the embedded state; when that is right, delete the table and run this again";
}

function whatRemains(directory: string): string[] {
  const [blobs, keys, secrets] = ["blobs", "keys.json", "connections.key"].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  const lines = ["Everything is the same. What remains to be done:"];
  if (existsSync(blobs)) {
    lines.push(`- copy ${blobs} (attachments) to the directory blobs that all servers share`);
  }
  if (existsSync(keys)) lines.push(`- copy ${keys} into the data directory of each server`);
  if (existsSync(secrets)) {
    lines.push(
      `- set connectors.encryptionKey to what is in ${secrets}: secrets of connections are encrypted with it`,
    );
  }
  lines.push("- set engine to cluster, and start the servers");
  lines.push(
    "- keep this directory until you trust the cluster, and start no server with it any more",
  );
  return lines;
}
