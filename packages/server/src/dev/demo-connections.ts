import type { Caller, Operation, Operations } from "@anywire/core";
import { AnywireError, type Connection } from "@anywire/types";
import type { DevNetwork } from "./dev-networks.ts";

/** What connections to simulated networks are made from. */
export interface DemoConnectionsOptions {
  readonly operations: Operations;
  readonly networks: readonly DevNetwork[];
  readonly platform: string;
  /** Who takes part in a channel that somebody outside begins. */
  readonly accounts: readonly string[];
  /** Told of a connection that could not be made: the others are. */
  readonly onError: (connection: string, error: unknown) => void;
}

/** In whose name connections to simulated networks are made. */
const ACCOUNT = "anywire-dev";

/**
 * Makes the connections to simulated networks. One that is there gets the settings and secrets of the new simulator, which has
 * another port and other keys than before, and keeps what was chosen for it. Never rejects.
 */
export async function ensureDemoConnections(options: DemoConnectionsOptions): Promise<void> {
  for (const account of options.accounts) {
    await makeKnown(options, account).catch((error) => options.onError(account, error));
  }
  // One after the other: the first of a network is its default.
  for (const network of options.networks) {
    try {
      await ensure(options, network);
    } catch (error) {
      options.onError(network.connection, error);
    }
  }
}

/** An account is known once it has connected, and before the page is opened nobody has. */
async function makeKnown(
  { operations, platform }: DemoConnectionsOptions,
  account: string,
): Promise<void> {
  const caller = callerOn(platform);
  const known = await run(operations, caller, "account.get", { id: account }).catch(orUndefined);
  if (known === undefined) await run(operations, caller, "account.save", { id: account });
}

async function ensure(
  { operations, platform, accounts }: DemoConnectionsOptions,
  { connection: id, connector, simulator: { settings, secrets } }: DevNetwork,
): Promise<void> {
  const call = (name: string, request: object): Promise<unknown> =>
    run(operations, callerOn(platform), name, request);
  const known = (await call("connection.get", { id }).catch(orUndefined)) as Connection | undefined;
  if (known === undefined) {
    await call("connection.create", {
      id,
      connector: connector.id,
      title: `${connector.displayName} (simulated)`,
      settings,
      secrets,
      defaultAccounts: accounts,
    });
    return;
  }
  if (known.connector !== connector.id) {
    throw new AnywireError(
      "conflict",
      `connection ${id} is one of ${known.connector}, so the simulator of ${connector.id} has none; remove it`,
    );
  }
  await call("connection.update", { id, settings, secrets });
}

async function run(
  operations: Operations,
  caller: Caller,
  name: string,
  request: object,
): Promise<unknown> {
  const operation: Operation | undefined = operations.get(name);
  if (operation === undefined) throw new AnywireError("unsupported", `there is no ${name}`);
  return (await operation.run(caller, operation.request.parse(request))).answer;
}

function orUndefined(thrown: unknown): undefined {
  if (thrown instanceof AnywireError && thrown.code === "not_found") return undefined;
  throw thrown;
}

/** May do everything on the platform, also with its connections and accounts, which only a pattern opens that names them. */
function callerOn(platform: string): Caller {
  const quiet = ["connection", "notification"].map((type) => `${platform}.${type}.*`);
  const patterns = [`${platform}.>`, ...quiet];
  return {
    principal: {
      accountId: ACCOUNT,
      platform,
      patterns: { subscribe: patterns, publish: patterns, manage: patterns },
      expiresAt: Number.POSITIVE_INFINITY,
    },
  };
}
