import { setTimeout as delay } from "node:timers/promises";
import {
  type ConnectionOperationsOptions,
  connectionOperations,
  createConnections,
  createInbound,
  createLiveMarks,
  createLockedVault,
  createOutbound,
  createSecretVault,
  deliveryOperations,
  type Inbound,
} from "@anywire/connectors/host";
import type { Operation, Operations, SignalDraft } from "@anywire/core";
import { type AnywireError, toAnywireError } from "@anywire/types";
import type { AttachmentIntake } from "../attachments/intake.ts";
import type { Config } from "../config/config.ts";
import type { Engine } from "../engine.ts";
import { type Logger, logProblem } from "../logging.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { observeConnectors } from "../metrics/observe-connectors.ts";
import type { Model } from "../model.ts";
import { withoutKey } from "./encryption-key.ts";
import type { LoadedConnectors } from "./load-connectors.ts";
import { createMediaSource } from "./media-source.ts";
import { storeMedia } from "./store-media.ts";

/** How long to wait before what could not begin is begun again, ms. */
const RETRY_MS = 5_000;

/** What speaks to networks, and what listens to them. */
export interface ConnectorsService {
  /** Takes in what networks send. */
  readonly inbound: Pick<Inbound, "receive" | "maxBodyBytes">;
  readonly connectors: LoadedConnectors["registry"];
  /** What can be done with connections and deliveries, beside the model's own operations. */
  readonly operations: readonly Operation[];
  /** Shows people outside that somebody is writing to them. */
  onSignal(signal: SignalDraft): void;
  /** The URL of a connection's webhooks, as networks call it. */
  webhookUrlOf(connection: string): string;
  /**
   * Begins to send and to handle what came in, if this process is there for it. `url` is where the server answers: nothing is sent
   * before there is something to answer to.
   */
  start(url: string): Promise<void>;
  /** Lets sends come to their end within that time, ms, and hands the work to another process. */
  close(withinMs: number): Promise<void>;
}

/** What connectors need of their server. */
export interface ConnectorsServiceOptions extends LoadedConnectors {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly intake: AttachmentIntake;
  /** Undefined where none was given: secrets can't be kept then. */
  readonly encryptionKey: string | undefined;
}

/** Puts together what speaks to networks. Nothing runs yet. */
export function createConnectorsService(
  options: ConnectorsServiceOptions,
  engine: Engine,
  model: Pick<Model, "access" | "pipeline" | "operations">,
): ConnectorsService {
  const { config, logger, metrics, registry, channelTypes, intake, encryptionKey } = options;
  const { connectors, http, roles } = config;
  const { log, state, kv, blobs } = engine;
  let reachedAt = http.publicUrl ?? "http://localhost";
  const webhookUrlOf = (id: string): string => `${reachedAt.replace(/\/+$/, "")}/v1/webhooks/${id}`;
  // Where there is no key, only connections without secrets can be had.
  const vault =
    encryptionKey === undefined
      ? createLockedVault(kv, withoutKey)
      : createSecretVault(kv, encryptionKey);
  const connections = createConnections({ state, registry, vault, webhookUrlOf });
  const onError = (error: AnywireError): void => logProblem(logger, error);
  const meter = observeConnectors(metrics);
  const shared = { log, state, kv, connections, onError };
  const outbound = createOutbound({
    ...shared,
    channelTypes,
    mediaSource: createMediaSource(blobs, () => reachedAt),
    settings: {
      sendTimeoutMs: connectors.sendTimeoutMs,
      maxAttempts: connectors.maxAttempts,
      lifetimeMs: connectors.lifetimeMs,
      concurrency: connectors.maxConcurrentSends,
    },
    onStep: meter.onStep,
  });
  const { pipeline, operations, access } = model;
  const inbound = createInbound({
    ...{ ...shared, blobs, pipeline, operations },
    storeMedia: (media, wanted) => storeMedia(intake, encryptionKey, media, wanted),
    settings: {
      maxBodyBytes: connectors.maxWebhookBytes,
      mediaTimeoutMs: connectors.mediaTimeoutMs,
    },
    onEvent: meter.onEvent,
    onRecovery: (connection, words) => logger.info({ connection }, words),
  });
  const marks = createLiveMarks({ log, state, connections, channelTypes });
  const closing = new AbortController();
  let working: Promise<void> | undefined;
  const desk: ConnectionOperationsOptions = {
    ...{ ...shared, vault, registry, access, operations, webhookUrlOf },
    replay: (connection, offset) => inbound.replay(connection, offset),
    healthOf: [(id) => outbound.health(id), (id) => inbound.health(id)],
  };
  return {
    inbound,
    connectors: registry,
    operations: [...connectionOperations(desk), ...deliveryOperations({ log, state, access })],
    webhookUrlOf,
    onSignal({ kind, channel, member }) {
      if (kind === "typing") marks.typing(channel, member.user);
    },
    async start(url) {
      reachedAt = http.publicUrl ?? url;
      if (!roles.includes("outbound")) return;
      const late = await beginAll([() => inbound.start(), () => marks.start()], onError);
      outbound.start();
      // Where the log can't be read, that is told at each read; the server is there all the same.
      working = keepTrying(late, closing.signal, onError);
    },
    async close(withinMs) {
      closing.abort();
      await working;
      await Promise.all([inbound.close(), outbound.close(withinMs), marks.close()]);
    },
  };
}

type Beginning = () => Promise<void>;

/** Begins one thing after the other, and gives those that could not begin. */
async function beginAll(
  beginnings: readonly Beginning[],
  onError: (error: AnywireError) => void,
): Promise<Beginning[]> {
  const late: Beginning[] = [];
  for (const begin of beginnings) {
    try {
      await begin();
    } catch (error) {
      onError(toAnywireError(error));
      late.push(begin);
    }
  }
  return late;
}

/** Begins again, after a while each time, until all has begun or the signal aborts. Never rejects. */
async function keepTrying(
  beginnings: readonly Beginning[],
  signal: AbortSignal,
  onError: (error: AnywireError) => void,
): Promise<void> {
  let late = beginnings;
  while (late.length > 0 && !signal.aborted) {
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) late = await beginAll(late, onError);
  }
}

/** The model's operations, and those of connectors. */
export function withOperations(own: Operations, more: readonly Operation[]): Operations {
  return new Map([...own, ...more.map((operation) => [operation.name, operation] as const)]);
}
