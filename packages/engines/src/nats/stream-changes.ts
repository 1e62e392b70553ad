import { setTimeout as pause } from "node:timers/promises";
import { AnywireError } from "@anywire/types";
import type { JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import { apiRefusal, refusalKind } from "./nats-faults.ts";
import { findStream } from "./open-jetstream.ts";

/** What of a stream can be changed while it is used. */
export interface StreamChange {
  /** Servers that keep a copy. */
  readonly num_replicas?: number | undefined;
  readonly max_bytes?: number | undefined;
}

/** How long a stream may be without a leader while its copies are made or taken away, ms. */
const BUSY_MS = 15_000;
const AGAIN_MS = 50;
/** The server's numbers for what passes: too few servers are up, a stream is moved, a server comes or goes. */
const PASSING = [10_005, 10_124, 10_202];

/** The stream that is the log of a prefix. */
export function logStreamName(prefix: string): string {
  return `${prefix}-log`;
}

/** How many servers keep the log, and so what is kept beside it; undefined when there is no log. */
export async function copiesOfLog(
  manager: JetStreamManager,
  prefix: string,
): Promise<number | undefined> {
  const log = await whileBusy(() => findStream(manager, logStreamName(prefix)));
  return log?.config.num_replicas;
}

/**
 * Changes what of a stream is not so yet; of what is undefined, all is as it should be. Resolves once the stream has a leader:
 * while copies are made or taken away there is none for a moment, and what is sent to the stream gets lost.
 */
export async function changeStream(
  { streams }: JetStreamManager,
  found: StreamInfo,
  change: StreamChange,
): Promise<StreamInfo> {
  const { name, num_replicas: copies, max_bytes: bytes } = found.config;
  const { num_replicas = copies, max_bytes = bytes } = change;
  const isMade = num_replicas === copies && max_bytes === bytes;
  const update = { num_replicas, max_bytes };
  let info = isMade ? found : await whileBusy(() => streams.update(name, update));
  const giveUpAt = performance.now() + BUSY_MS;
  while (!isLed(info) && performance.now() < giveUpAt) {
    await pause(AGAIN_MS);
    info = await whileBusy(() => streams.info(name));
  }
  return info;
}

/** Whether other servers may keep copies of the stream, if not now then at any moment. One that is alone says its own name alone. */
export function isClustered({ cluster }: StreamInfo): boolean {
  return (cluster?.name ?? "") !== "";
}

/** When to ask again, and for how long. */
export interface Patience {
  /** Default: whenever no server keeps the stream right now, or none has answered; so the question must change nothing. */
  readonly isPassing?: (thrown: unknown) => boolean;
  /** Default 15,000. */
  readonly forMs?: number;
}

/** Asks again for a while when what is in the way passes. */
export async function whileBusy<T>(
  ask: () => Promise<T>,
  { isPassing = isBusy, forMs = BUSY_MS }: Patience = {},
): Promise<T> {
  const giveUpAt = performance.now() + forMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || performance.now() > giveUpAt) throw error;
    }
    await pause(AGAIN_MS);
  }
}

/** A server that is alone leads what it has. */
function isLed({ cluster }: StreamInfo): boolean {
  return cluster === undefined || (cluster.leader ?? "") !== "";
}

function isBusy(thrown: unknown): boolean {
  const error = thrown instanceof AnywireError ? thrown.cause : thrown;
  const refusal = apiRefusal(error);
  if (refusal === undefined) return error instanceof Error && error.name === "TimeoutError";
  return refusalKind(refusal) === "busy" || PASSING.includes(refusal.err_code ?? 0);
}
