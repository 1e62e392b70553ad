import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AnywireError } from "@anywire/types";
import type { Config } from "../config/config.ts";

/** The parts of the configuration that say what secrets of connections are encrypted with. */
export type EncryptionKeyConfig = Pick<Config, "engine" | "data" | "connectors">;

/**
 * What secrets of connections are encrypted with: `connectors.encryptionKey`, or else the file `connections.key` in the data
 * directory, which is made when there is none. With engine `memory` a new one each time, as all that is kept. Undefined with engine
 * `cluster`, where a file of one server would be of no use to the others.
 * @throws {AnywireError} `unavailable` when the file can't be read or made
 */
export async function loadEncryptionKey(config: EncryptionKeyConfig): Promise<string | undefined> {
  const { engine, data, connectors } = config;
  if (connectors.encryptionKey !== undefined) return connectors.encryptionKey.reveal();
  if (engine === "cluster") return undefined;
  if (engine === "memory") return randomBytes(32).toString("base64url");
  const directory = resolve(data.directory);
  const file = join(directory, "connections.key");
  try {
    return (await readKey(file)) ?? (await makeKey(directory, file));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : cause;
    throw new AnywireError("unavailable", `${file} can't be read or made (${code})`, { cause });
  }
}

/** The error of what needs a key where none was given. */
export function withoutKey(what: string): AnywireError {
  return new AnywireError(
    "unavailable",
    `${what}: set connectors.encryptionKey to the same text of at least 32 bytes on every server`,
  );
}

/** Undefined when there is none. */
async function readKey(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function makeKey(directory: string, file: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const key = randomBytes(32).toString("base64url");
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(`${key}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return key;
}
