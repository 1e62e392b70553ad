import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENGINE_SERVERS } from "../../../scripts/engines/engine-servers.ts";
import { stopChild } from "../processes/children.ts";
import { freePort } from "../processes/free-port.ts";
import { type ServerChild, startServerChild } from "../processes/server-child.ts";
import {
  makeTemporaryDirectory,
  removeTemporaryDirectory,
} from "../processes/temporary-directory.ts";
import type { ClusterPrograms } from "./cluster-programs.ts";

/** The servers behind the nodes of a cluster. */
export interface ClusterBackend {
  readonly nats: ServerChild;
  /** Where the DynamoDB API is. */
  readonly dynamodbUrl: string;
  /** Ends both and removes what they left. */
  stop(): Promise<void>;
}

/** How NATS treats the disk. */
export interface BackendOptions {
  /** Whether a message is flushed to the disk before it is acknowledged; every two minutes when not. Default false. */
  readonly alwaysFlushes?: boolean;
}

/** Starts one NATS server with JetStream on disk, and one server of DynamoDB's protocol. */
export async function startBackend(
  programs: ClusterPrograms,
  { alwaysFlushes = false }: BackendOptions = {},
): Promise<ClusterBackend> {
  const directory = makeTemporaryDirectory();
  const nats = await startServerChild(programs.nats, natsArgs(directory, alwaysFlushes), {});
  const dynamodb = await startServerChild(
    programs.dynamodb,
    ENGINE_SERVERS.dynamodb.args(await freePort(), directory),
    {},
  );
  return {
    nats,
    dynamodbUrl: ENGINE_SERVERS.dynamodb.url(dynamodb.port),
    async stop() {
      await Promise.all([stopChild(nats.child), stopChild(dynamodb.child)]);
      removeTemporaryDirectory(directory);
    },
  };
}

function natsArgs(directory: string, alwaysFlushes: boolean): readonly string[] {
  const args = ENGINE_SERVERS.nats.args(-1, directory);
  if (!alwaysFlushes) return args;
  const file = join(directory, "nats.conf");
  // There is no flag for it. What flags say goes before what the file says.
  writeFileSync(file, "jetstream { sync_interval: always }\n");
  return [...args, "-c", file];
}
