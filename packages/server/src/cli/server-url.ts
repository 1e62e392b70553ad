import type { HttpConfig } from "../config/config.ts";
import { CliError, usageError } from "./cli-error.ts";

/**
 * Where to reach the server: what `--url` says, or where the configuration makes it listen.
 * @throws {CliError} with exit code 2 when `--url` is none.
 */
export function serverUrl({ host, port }: HttpConfig, given: string | undefined): URL {
  const url = URL.parse(given ?? `http://${reachable(host)}:${port}`);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw usageError(`${given} is not a URL of a server; write one such as http://127.0.0.1:4000`);
}

/** The error for a server that does not answer. */
export function unreachable(url: URL, cause?: unknown): CliError {
  return new CliError(
    `no server answers at ${url.origin}: start one with \`anywire dev\`, or say where it is with --port or --url`,
    1,
    { cause },
  );
}

/** The unspecified addresses mean every address of the machine; the loopback one is among them. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
