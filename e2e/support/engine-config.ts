import { randomBytes } from "node:crypto";
import { inject, onTestFinished } from "vitest";
import type { ConfigInput } from "../../packages/server/src/index.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** The part of a configuration that says which engine, and where its data is. */
export type EngineConfig = Pick<ConfigInput, "engine" | "data" | "nats" | "dynamodb">;

/** The engine that this run tests, with nothing in it; what it keeps is gone when the test is finished. */
export async function emptyEngine(engine = inject("e2eEngine")): Promise<EngineConfig> {
  if (engine === "memory") return { engine };
  const data = { directory: await temporaryDirectory() };
  return engine === "embedded" ? { engine, data } : { engine, data, ...emptyCluster() };
}

/**
 * As `emptyEngine`, for servers that find what the one before them has left. In memory nothing is left: SQLite
 * stands in.
 */
export function lastingEngine(): Promise<EngineConfig> {
  const engine = inject("e2eEngine");
  return emptyEngine(engine === "memory" ? "embedded" : engine);
}

function emptyCluster(): Pick<EngineConfig, "nats" | "dynamodb"> {
  const { nats, dynamodb } = inject("engines");
  if (!("url" in nats && "url" in dynamodb)) throw new Error("no servers run for the cluster");
  const name = `e2e-${randomBytes(8).toString("hex")}`;
  const access = { region: "local", accessKeyId: "local", secretAccessKey: "local" };
  onTestFinished(async () => {
    // Loads the drivers' packages, which nothing else needs.
    const { forgetCluster } = await import("./forget-cluster.ts");
    await forgetCluster(name, nats.url, dynamodb.url);
  });
  return {
    nats: { servers: [nats.url], prefix: name },
    dynamodb: { endpoint: dynamodb.url, table: name, ...access },
  };
}
