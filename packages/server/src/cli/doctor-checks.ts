import { constants, existsSync } from "node:fs";
import { access, readdir, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { serverUrl } from "./server-url.ts";

/** What a check found. */
export interface Finding {
  readonly ok: boolean;
  /** The fact; when it is not good, also what to do. */
  readonly detail: string;
}

/** Looks at one thing. */
export type Check = (config: Config) => Promise<Finding>;

const MIN_FREE_MIB = 512;
const HEALTH_TIMEOUT_MS = 3000;
/** How far a file may lie in the future before the clock is wrong rather than the file system coarse, ms. */
const CLOCK_SLACK_MS = 60_000;

/** What keeps a server from running well and can be seen from outside, in the order of asking. */
export const CHECKS: Readonly<Record<string, Check>> = {
  data: checkDirectory,
  space: checkSpace,
  database: checkDatabase,
  state: checkState,
  keys: checkKeys,
  port: checkPort,
  clock: checkClock,
};

const good = (detail: string): Finding => ({ ok: true, detail });
const bad = (detail: string): Finding => ({ ok: false, detail });

async function checkDirectory({ data }: Config): Promise<Finding> {
  const directory = resolve(data.directory);
  const present = nearestPresent(directory);
  try {
    await access(present, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return bad(
      `${present} can't be written (${codeOf(error)}): let the account that runs the server write there, or choose another directory with --data`,
    );
  }
  return good(present === directory ? `${directory} can be written` : `${directory} can be made`);
}

async function checkSpace({ data }: Config): Promise<Finding> {
  const { bavail, bsize } = await statfs(nearestPresent(resolve(data.directory)));
  const freeMib = Math.floor((bavail * bsize) / 1024 / 1024);
  if (freeMib >= MIN_FREE_MIB) return good(`${freeMib} MiB free`);
  return bad(`only ${freeMib} MiB free: make room, or move the data directory`);
}

async function checkDatabase(config: Config): Promise<Finding> {
  const { engine, data } = config;
  if (engine === "memory") return good("none: the engine is memory");
  if (engine === "cluster") {
    const { checkClusterLog } = await import("./doctor-cluster.ts");
    return checkClusterLog(config);
  }
  const { checkSqliteLog } = await import("@anywire/engines/sqlite");
  try {
    const { entries, channels, problems } = await checkSqliteLog(data.directory);
    if (problems.length === 0) return good(`undamaged; entries: ${entries}, channels: ${channels}`);
    return bad(`${problems.join("; ")}: put a backup in place with \`anywire restore --force\``);
  } catch (error) {
    if (codeOf(error) === "not_found") return good("none yet: the server makes it");
    throw error;
  }
}

async function checkState(config: Config): Promise<Finding> {
  const { engine, data } = config;
  if (engine === "memory") return good("none: the engine is memory");
  if (engine === "cluster") {
    const { checkClusterState } = await import("./doctor-cluster.ts");
    return checkClusterState(config);
  }
  const { checkSqliteState } = await import("@anywire/engines/sqlite");
  try {
    const { items, offset, head } = await checkSqliteState(data.directory);
    if (offset === head) return good(`items: ${items}, at offset ${offset}, as the log`);
    return bad(
      `items: ${items}, at offset ${offset}, but the log at ${head}: run \`anywire rebuild state\``,
    );
  } catch (error) {
    if (codeOf(error) === "not_found") return good("none yet: the server makes it");
    throw error;
  }
}

async function checkKeys(config: Config): Promise<Finding> {
  const { exposedKeyFile, loadServerKeys } = await import("../tokens/server-keys.ts");
  const exposed = await exposedKeyFile(config);
  if (exposed !== undefined) return bad(`others can read ${exposed}: run chmod 600 on it`);
  const { keys, signingKey } = await loadServerKeys(config);
  const { jwksUrl } = config.tokens;
  if (keys.length === 0 && jwksUrl === undefined) {
    return bad("there are none: `anywire dev` makes one, and so does `anywire keys add`");
  }
  const count = `${keys.length} ${keys.length === 1 ? "key" : "keys"}`;
  const signer = signingKey === undefined ? "none signs" : `${signingKey.algorithm} signs`;
  return good(
    jwksUrl === undefined ? `${count}, ${signer}` : `${count}, ${signer}; and ${jwksUrl}`,
  );
}

async function checkPort({ http }: Config): Promise<Finding> {
  const code = await listenFault(http);
  if (code === undefined) return good(`${http.host} port ${http.port} is free`);
  if (code !== "EADDRINUSE") {
    return bad(
      `can't listen on ${http.host} port ${http.port} (${code}): check http.host and http.port`,
    );
  }
  const version = await runningVersion(serverUrl(http, undefined));
  if (version !== undefined) return good(`Anywire ${version} answers on port ${http.port}`);
  return bad(`another program has port ${http.port}: stop it, or choose another with --port`);
}

/** Why the port can't be listened on; undefined when it can. */
function listenFault({ host, port }: Config["http"]): Promise<string | undefined> {
  return new Promise((settle) => {
    const server = createServer();
    server.once("error", (error) => settle(codeOf(error)));
    server.listen(port, host, () => server.close(() => settle(undefined)));
  });
}

/** The version of the Anywire server that answers there, if one does. */
async function runningVersion(url: URL): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS);
    const response = await fetch(new URL("/health", url), { signal });
    const { status, version } = Object(await response.json());
    return status === "ok" && typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}

/** The log's order leans on the clock: set back behind what is stored, times stand still until it has caught up. */
async function checkClock({ data }: Config): Promise<Finding> {
  const directory = resolve(data.directory);
  const names = existsSync(directory) ? await readdir(directory) : [];
  const files = await Promise.all(names.map((name) => stat(join(directory, name))));
  const newest = Math.max(0, ...files.map(({ mtimeMs }) => mtimeMs));
  const now = new Date();
  if (newest <= now.getTime() + CLOCK_SLACK_MS) return good(`it is ${now.toISOString()}`);
  return bad(
    `it says ${now.toISOString()}, but the data is from ${new Date(newest).toISOString()}: set the machine's clock, best by NTP`,
  );
}

/** The path itself, or the nearest directory above it that is there. */
function nearestPresent(path: string): string {
  return existsSync(path) ? path : nearestPresent(dirname(path));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
