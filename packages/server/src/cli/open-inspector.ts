import { CliError } from "./cli-error.ts";

/** Where the inspector listens unless it is told otherwise, as in Node. */
export const DEFAULT_INSPECTOR_PORT = 9229;

/**
 * Opens Node's inspector for debuggers of this machine, and gives its address. Threads that begin from then on can be debugged.
 * @throws {CliError} when the port is taken.
 */
export async function openInspector(port: number): Promise<string> {
  const inspector = await import("node:inspector");
  if (inspector.url() === undefined) inspector.open(port, "127.0.0.1");
  const url = inspector.url();
  if (url !== undefined) return url;
  throw new CliError(
    `the inspector can't listen on port ${port}: choose another with --inspect <port>, or 0 for a free one`,
  );
}
