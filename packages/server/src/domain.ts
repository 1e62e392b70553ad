import { type AttachmentIntake, createAttachmentIntake } from "./attachments/intake.ts";
import { createThumbnailer } from "./attachments/thumbnailer.ts";
import type { Config } from "./config/config.ts";
import {
  type ConnectorsService,
  createConnectorsService,
  withOperations,
} from "./connectors/connectors-service.ts";
import { loadEncryptionKey } from "./connectors/encryption-key.ts";
import { loadConnectors } from "./connectors/load-connectors.ts";
import type { Engine } from "./engine.ts";
import { createFunctionsService, type FunctionsService } from "./functions/functions-service.ts";
import type { Logger } from "./logging.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { createModel, type Model } from "./model.ts";
import type { ServerOptions } from "./server.ts";
import type { SpanSink } from "./telemetry/span.ts";
import { traceRuns } from "./telemetry/trace-runs.ts";

/** What a process does that has to do with messages: the model, the functions that run in its way and after it, the networks. */
export interface Domain {
  readonly model: Model;
  readonly functions: FunctionsService;
  readonly connectors: ConnectorsService;
  readonly intake: AttachmentIntake;
  /** Resolves when what functions were deployed run. */
  start(): Promise<void>;
  /** Lets runs come to their end within that time, ms, and hands to other processes what is theirs to go on with. */
  close(withinMs: number): Promise<void>;
}

/** Puts the model and functions together on an engine. */
export async function createDomain(
  { config, logger, functionFiles }: ServerOptions,
  engine: Engine,
  metrics: Metrics,
): Promise<Domain> {
  const spans = await openSpans(config, logger);
  const loaded = await loadConnectors(config.connectors.modules);
  const { channelTypes } = loaded;
  const functions = createFunctionsService(
    {
      ...{ config, logger, metrics, channelTypes },
      ...(spans && { onRun: traceRuns(spans) }),
      ...(functionFiles && { files: functionFiles }),
    },
    engine,
  );
  const own = createModel(engine, config, logger, {
    ...{ steps: functions.host, channelTypes, spans },
    // Nothing is told before all is put together.
    onSignal: (signal) => connectors.onSignal(signal),
  });
  const thumbnailer = createThumbnailer();
  const { blobs } = engine;
  const intake = createAttachmentIntake({ blobs, thumbnailer, attachments: config.attachments });
  const connectors = createConnectorsService(
    {
      ...{ config, logger, metrics, intake, ...loaded },
      encryptionKey: await loadEncryptionKey(config),
    },
    engine,
    own,
  );
  const model = { ...own, operations: withOperations(own.operations, connectors.operations) };
  return {
    model,
    functions,
    connectors,
    intake,
    start: () => functions.start(model),
    async close(withinMs) {
      await connectors.close(withinMs);
      await functions.close(withinMs);
      await thumbnailer.close();
      await spans?.close();
    },
  };
}

/** Where traces go; undefined when they go nowhere, which costs nothing. */
async function openSpans({ telemetry }: Config, logger: Logger): Promise<SpanSink | undefined> {
  const { otlpUrl } = telemetry;
  if (otlpUrl === undefined) return undefined;
  const { createOtlpSink } = await import("./telemetry/otlp-sink.ts");
  return createOtlpSink({ ...telemetry, otlpUrl }, logger);
}
