import type { JWTPayload } from "jose";
import { expect, onTestFinished } from "vitest";
import { configSchema } from "../../packages/server/src/config/config.ts";
import {
  type ConfigInput,
  createLogger,
  type ServerOptions,
  startServer,
} from "../../packages/server/src/index.ts";
import { generateKeySet, type KeySet } from "../../packages/server/src/tokens/key-set.ts";
import { emptyEngine } from "./engine-config.ts";
import { claimsOf, signToken } from "./tokens.ts";

/** A server for one test. */
export interface TestServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly keySet: KeySet;
  /** Lines that the server logged as warnings or worse, as JSON. */
  readonly complaints: readonly string[];
  /** A good token for an account, with other claims where given. */
  token(accountId: string, claims?: JWTPayload): Promise<string>;
  /** Stops it before the test ends. */
  close(): Promise<void>;
}

/** How a test wants its server, beside the configuration. */
export interface TestServerOptions {
  readonly keySet?: KeySet;
  /** Whether the test provokes errors that belong into the log. */
  readonly mayLogErrors?: boolean;
  /** Told of what becomes of the files of functions. */
  readonly functionFiles?: ServerOptions["functionFiles"];
}

/**
 * Starts a server in this process on a free port, on an empty engine of the kind that this run tests unless
 * configured. It is closed when the test is finished, which fails if the server logged an error: nothing from
 * outside may cause one.
 */
export async function startTestServer(
  config: ConfigInput = {},
  options: TestServerOptions = {},
): Promise<TestServer> {
  const keySet = options.keySet ?? (await generateKeySet());
  const complaints: string[] = [];
  const checked = configSchema.parse({
    ...(config.engine === undefined && (await emptyEngine())),
    ...config,
    http: { port: 0, ...config.http },
    connectors: { encryptionKey: "the same text on every test server", ...config.connectors },
    shutdown: { timeoutMs: 1000, ...config.shutdown },
  });
  const logger = createLogger(
    { level: "warn", format: "json" },
    { write: (l) => complaints.push(l) },
  );
  const server = await startServer({
    ...{ config: checked, keySet, logger },
    ...(options.functionFiles && { functionFiles: options.functionFiles }),
  });
  onTestFinished(async () => {
    await server.close();
    if (!options.mayLogErrors) expect(complaints.filter(isError)).toEqual([]);
  });
  return {
    url: server.url,
    keySet,
    complaints,
    token: (accountId, claims) => signToken(keySet, claimsOf(accountId, claims)),
    close: () => server.close(),
  };
}

function isError(line: string): boolean {
  return /"level":"(?:error|fatal)"/.test(line);
}
