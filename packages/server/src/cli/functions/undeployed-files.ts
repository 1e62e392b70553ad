import { resolve } from "node:path";
import type { Config } from "../../config/config.ts";
import type { Logger } from "../../logging.ts";
import type { RunningServer } from "../../server.ts";

/** Tells whoever has files of functions beside a server that runs none how to have them run. Never rejects. */
export async function noteUndeployedFiles(
  { functionNames }: Pick<RunningServer, "functionNames">,
  { roles, functions }: Pick<Config, "roles" | "functions">,
  logger: Pick<Logger, "warn">,
): Promise<void> {
  const mayRun = roles.includes("edge") || roles.includes("functions");
  if (!mayRun || functionNames.length > 0 || functions.source !== "deployments") return;
  const directory = resolve(functions.directory);
  const { findFunctionFiles } = await import("@anywire/functions/runtime");
  const files = await findFunctionFiles(directory).then(
    (found) => found.files.map(({ file }) => file),
    // Most servers have no such directory.
    () => [],
  );
  if (files.length === 0) return;
  logger.warn(
    { directory, files },
    'no function runs, and there are files of some: deploy them with `anywire functions deploy`, or set functions.source to "directory" to run them as they are',
  );
}
