import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlobStore, Log } from "@anywire/core";
import { createDirectoryBlobStore } from "@anywire/engines/directory";
import {
  createMemoryBlobStore,
  createMemoryLog,
  MemoryBlobBackend,
  MemoryLogBackend,
} from "@anywire/engines/memory";
import { createSqliteLog } from "@anywire/engines/sqlite";
import type { AnywireError } from "@anywire/types";
import { FunctionBuildError, type Revision } from "../bundle/revision.ts";
import { revisionId } from "../bundle/revision-id.ts";
import type { Deployment } from "../host/deployment.ts";
import { createDeployments } from "./create-deployments.ts";
import type { Deployments } from "./deployments.ts";
import type { DeploymentsOptions } from "./deployments-options.ts";

/** What the nodes of one test share. */
export interface Backend {
  createLog(): Log;
  createBlobs(): BlobStore;
  dispose(): Promise<void>;
}

/** Backends that nodes can share, by the names of their engines. */
export const BACKENDS = {
  memory: async (): Promise<Backend> => {
    const log = new MemoryLogBackend();
    const blobs = new MemoryBlobBackend();
    return {
      createLog: () => createMemoryLog(log),
      createBlobs: () => createMemoryBlobStore(blobs),
      dispose: async () => {},
    };
  },
  sqlite: async (): Promise<Backend> => {
    const directory = await mkdtemp(join(tmpdir(), "anywire-deployments-"));
    return {
      createLog: () => createSqliteLog({ directory, synchronous: "off" }),
      createBlobs: () => createDirectoryBlobStore({ directory: join(directory, "blobs") }),
      dispose: () => rm(directory, { recursive: true }),
    };
  },
};

/** A node, and what it was told to run. */
export interface DeploymentNode {
  readonly deployments: Deployments;
  readonly log: Log;
  readonly blobs: BlobStore;
  readonly errors: readonly AnywireError[];
  /** What it was told to run, the last one last. */
  readonly ran: readonly Deployment[];
  /** Names and offsets of the replays that it heard of. */
  readonly replays: readonly (readonly [string, number | undefined])[];
  /** Ids of revisions that it cannot load. */
  readonly broken: Set<string>;
  /** Nothing that it is told to run does before this has resolved. */
  hold(until: Promise<void>): void;
  /** Resolves when something that happened on this node makes it so. */
  until(isSo: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** What is different about a node. */
export interface NodeOptions extends Partial<DeploymentsOptions> {
  /** Ids of revisions that it cannot load. */
  readonly broken?: readonly string[];
}

/** Starts a node on a backend. */
export async function startNode(
  backend: Backend,
  options: NodeOptions = {},
): Promise<DeploymentNode> {
  const log = backend.createLog();
  const blobs = backend.createBlobs();
  await log.start();
  await blobs.start();
  const node = createNode(log, blobs, options);
  await node.deployments.start();
  return node;
}

/** A node that is not started, on a log and blobs that are. */
export function createNode(
  log: Log,
  blobs: BlobStore,
  { broken: unloadableIds = [], ...options }: NodeOptions = {},
): DeploymentNode {
  const ran: Deployment[] = [];
  const replays: [string, number | undefined][] = [];
  const errors: AnywireError[] = [];
  const broken = new Set(unloadableIds);
  let held = Promise.resolve();
  let look = (): void => {};
  const deployments = createDeployments({
    log,
    blobs,
    onDeployment: async (deployment) => {
      await held;
      for (const { id } of revisionsOf(deployment)) if (broken.has(id)) throw unloadable(id);
      ran.push(deployment);
      look();
    },
    onReplay: async (name, offset) => {
      replays.push([name, offset]);
      look();
    },
    onError: (error) => {
      errors.push(error);
      look();
    },
    ...options,
  });
  return {
    deployments,
    log,
    blobs,
    errors,
    ran,
    replays,
    broken,
    hold: (until) => {
      held = until;
    },
    until: (isSo) =>
      new Promise((resolve) => {
        look = () => {
          if (isSo()) resolve();
        };
        look();
      }),
    close: async () => {
      await deployments.close();
      await Promise.all([log.close(), blobs.close()]);
    },
  };
}

/** A revision of functions by their names. */
export async function makeRevision(codes: Readonly<Record<string, string>>): Promise<Revision> {
  const functions = Object.entries(codes).map(([name, code]) => ({
    name,
    file: `${name}.ts`,
    code,
  }));
  return { id: revisionId(functions), functions };
}

function revisionsOf({ active, canary, shadow }: Deployment): Revision[] {
  return [active, canary?.revision, shadow].filter((revision) => revision !== undefined);
}

function unloadable(id: string): FunctionBuildError {
  const text = "exports no function";
  return new FunctionBuildError([{ file: `${id}.ts`, line: 1, column: 2, text }]);
}
