import type { Config } from "../config/config.ts";
import type { TokenIssuer } from "../tokens/token-issuer.ts";
import { CliError } from "./cli-error.ts";
import { orUsageError } from "./command-config.ts";

/**
 * Signs tokens with the keys that the configuration names.
 * @throws {CliError} when there are none, saying how to get some.
 */
export async function openIssuer(config: Config): Promise<TokenIssuer> {
  const { loadServerKeys } = await import("../tokens/server-keys.ts");
  const { createTokenIssuer } = await import("../tokens/token-issuer.ts");
  const keySet = await orUsageError(loadServerKeys(config));
  if (keySet.keys.length === 0) {
    throw new CliError(
      `there is no key to sign tokens with in ${config.data.directory}: start \`anywire dev\` once, make one with \`anywire keys add\`, or name the right directory with --data`,
    );
  }
  return createTokenIssuer(keySet, config.tokens);
}

/** Patterns that allow everything on a platform, its connections too, which a wide pattern does not mean. */
export function wholePlatform(platform: string): {
  readonly subscribe: readonly string[];
  readonly publish: readonly string[];
  readonly manage: readonly string[];
} {
  const all = [`${platform}.>`];
  const withConnections = [...all, `${platform}.connection.*`];
  return { subscribe: withConnections, publish: all, manage: withConnections };
}
