import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type Connector,
  type ConnectorRegistry,
  connectorProblems,
  createConnectorRegistry,
} from "@anywire/connectors";
import { builtInConnectors } from "@anywire/connectors/built-in";
import { AnywireError, type ChannelTypeRegistry, createChannelTypeRegistry } from "@anywire/types";

/** The connectors of a server, and the channel types that they and the product have. */
export interface LoadedConnectors {
  readonly registry: ConnectorRegistry;
  readonly channelTypes: ChannelTypeRegistry;
}

/**
 * The built-in connectors, and those of these files.
 * @throws {AnywireError} `bad_request` that says which file is wrong and why, `conflict` when two have one id
 */
export async function loadConnectors(modules: readonly string[]): Promise<LoadedConnectors> {
  const loaded = await Promise.all(modules.map(loadModule));
  const registry = createConnectorRegistry([...builtInConnectors, ...loaded]);
  const channelTypes = createChannelTypeRegistry();
  for (const { channelType } of registry.list()) {
    if (channelTypes.get(channelType.name) === undefined) channelTypes.declare(channelType);
  }
  return { registry, channelTypes };
}

/**
 * The connector that a file exports by default, or that a JSON file declares.
 * @throws {AnywireError} `bad_request` that lists what the connector lacks
 */
export async function loadModule(path: string): Promise<Connector> {
  const file = resolve(path);
  if (!existsSync(file)) {
    const from = isAbsolute(path) ? "" : `; paths are from ${resolve()}`;
    throw new AnywireError("bad_request", `there is no connector ${path}${from}`);
  }
  let problems: readonly string[];
  try {
    if (file.endsWith(".json")) {
      const { createHttpConnector } = await import("@anywire/connectors/http");
      return createHttpConnector(JSON.parse(await readFile(file, "utf8")));
    }
    const { default: connector } = (await import(pathToFileURL(file).href)) as {
      default?: unknown;
    };
    problems = connectorProblems(connector);
    if (problems.length === 0) return connector as Connector;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AnywireError("bad_request", `connector ${path} can't be loaded: ${reason}`, {
      cause,
    });
  }
  throw new AnywireError(
    "bad_request",
    `the default export of ${path} is no whole connector: ${problems.join("; ")}. docs/connectors/write-your-own.md tells of each member, and \`anywire connector new\` writes one that has them all`,
  );
}
