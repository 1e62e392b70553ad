import { existsSync } from "node:fs";
import { AnywireError } from "@anywire/types";
import type { Config } from "../config/config.ts";
import { isReadableByOthers, keyFileOf, loadKeySet, saveKeySet } from "./key-file.ts";
import { generateKeySet, KeySet } from "./key-set.ts";
import { parseKeySet } from "./key-text.ts";

/** The parts of the configuration that say which keys there are. */
export type KeyConfig = Pick<Config, "tokens" | "data">;

/**
 * The keys of a server as configured: `tokens.keys`, or else `keys.json` in the data directory, and
 * `tokens.secret`. May be empty.
 * @throws {AnywireError} `bad_request` when a key can't be used, or `tokens.algorithms` leaves one out.
 */
export async function loadServerKeys({ tokens, data }: KeyConfig): Promise<KeySet> {
  const stored =
    tokens.keys === undefined
      ? await loadKeySet(keyFileOf(data.directory))
      : await parseKeySet(tokens.keys.reveal());
  const keySet = stored ?? new KeySet([]);
  const accepted: readonly string[] = tokens.algorithms;
  const leftOut = [...keySet.algorithms()].find((algorithm) => !accepted.includes(algorithm));
  if (leftOut !== undefined) {
    throw new AnywireError(
      "bad_request",
      `there is a key for ${leftOut}, but tokens.algorithms accepts only ${accepted.join(", ")}; add ${leftOut} to it or remove the key`,
    );
  }
  return tokens.secret === undefined ? keySet : keySet.withSecret(tokens.secret.reveal());
}

/** As `loadServerKeys`, and makes a key in the data directory when nothing could sign. For development. */
export async function loadOrCreateServerKeys(config: KeyConfig): Promise<KeySet> {
  const keySet = await loadServerKeys(config);
  const file = keyFileOf(config.data.directory);
  if (keySet.keys.length > 0 || config.tokens.keys !== undefined || existsSync(file)) return keySet;
  await saveKeySet(file, await generateKeySet());
  return loadServerKeys(config);
}

/**
 * As `loadServerKeys`, and refuses when no token could be checked. For production.
 * @throws {AnywireError} `bad_request` that says how to get a key.
 */
export async function requireServerKeys(config: KeyConfig): Promise<KeySet> {
  const keySet = await loadServerKeys(config);
  if (keySet.keys.length > 0 || config.tokens.jwksUrl !== undefined) return keySet;
  throw new AnywireError(
    "bad_request",
    `there is no key to check tokens with: make one with \`anywire keys add --data ${config.data.directory}\`, or set tokens.keys, tokens.secret or tokens.jwksUrl`,
  );
}

/** The server's own key file, when it is in use and others may read it. */
export async function exposedKeyFile({ tokens, data }: KeyConfig): Promise<string | undefined> {
  const file = keyFileOf(data.directory);
  if (tokens.keys !== undefined || !existsSync(file)) return undefined;
  return (await isReadableByOthers(file)) ? file : undefined;
}
