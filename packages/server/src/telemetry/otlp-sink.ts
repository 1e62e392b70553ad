import { AnywireError } from "@anywire/types";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { TelemetryConfig } from "../config/telemetry-section.ts";
import type { Logger } from "../logging.ts";
import { VERSION } from "../version.ts";
import type { Span, SpanSink } from "./span.ts";

/** Spans that may wait to be sent; further ones are lost. */
const MAX_QUEUED = 10_000;
/** How long spans are tried to be sent, ms: a stopping server waits no longer for a receiver that is gone. */
const SEND_MS = 3000;
const PACKAGES =
  "@opentelemetry/api @opentelemetry/resources @opentelemetry/sdk-trace @opentelemetry/exporter-trace-otlp-http";

/** As OpenTelemetry numbers them. */
const KINDS = { internal: 0, server: 1, consumer: 4 } as const;
const STATUS = { unset: 0, error: 2 } as const;
const SAMPLED = 1;

type Packages = Awaited<ReturnType<typeof loadPackages>>;

/**
 * Sends spans to where the configuration says, over OTLP/HTTP, some seconds' worth at a time.
 * @throws {AnywireError} `unavailable` when OpenTelemetry's packages are not installed.
 */
export async function createOtlpSink(
  { otlpUrl: url, headers, serviceName }: TelemetryConfig & { readonly otlpUrl: string },
  logger: Pick<Logger, "warn">,
): Promise<SpanSink> {
  const { api, exporter, resources, sdk } = await loadPackages();
  api.diag.setLogger(diagLogger(logger), api.DiagLogLevel.WARN);
  const revealed = Object.entries(headers).map(([name, value]) => [name, value.reveal()]);
  const processor = new sdk.BatchSpanProcessor({
    exporter: new exporter.OTLPTraceExporter({
      url,
      headers: Object.fromEntries(revealed),
      timeoutMillis: SEND_MS,
    }),
    maxQueueSize: MAX_QUEUED,
  });
  const resource = resources.resourceFromAttributes({
    "service.name": serviceName,
    "service.version": VERSION,
  });
  let closing: Promise<void> | null = null;
  return {
    add(span) {
      if (closing === null) processor.onEnd(readable(span, resource));
    },
    close() {
      closing ??= processor.shutdown().catch((err) => {
        logger.warn({ err }, "the last traces could not be sent");
      });
      return closing;
    },
  };
}

async function loadPackages() {
  try {
    return {
      api: await import("@opentelemetry/api"),
      exporter: await import("@opentelemetry/exporter-trace-otlp-http"),
      resources: await import("@opentelemetry/resources"),
      sdk: await import("@opentelemetry/sdk-trace"),
    };
  } catch (cause) {
    throw new AnywireError(
      "unavailable",
      `telemetry.otlpUrl needs packages that are not installed: npm install ${PACKAGES}`,
      { cause },
    );
  }
}

/** A span as the packages' own tracers would have made it; those make up ids of their own. */
function readable(span: Span, resource: ReadableSpan["resource"]): ReadableSpan {
  const { traceId, spanId, parentId, startedAt, durationMs, error } = span;
  const contextOf = (id: string) => ({ traceId, spanId: id, traceFlags: SAMPLED });
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => contextOf(spanId),
    ...(parentId !== undefined && { parentSpanContext: contextOf(parentId) }),
    startTime: hrTime(startedAt),
    endTime: hrTime(startedAt + durationMs),
    duration: hrTime(durationMs),
    ended: true,
    status: error === undefined ? { code: STATUS.unset } : { code: STATUS.error, message: error },
    attributes: span.attributes,
    links: [],
    events: [],
    resource,
    instrumentationScope: { name: "anywire", version: VERSION },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1_000_000)];
}

function diagLogger(
  logger: Pick<Logger, "warn">,
): Parameters<Packages["api"]["diag"]["setLogger"]>[0] {
  const tell = (message: string): void => logger.warn({ why: message }, "traces can't be sent");
  const ignore = (): void => {};
  return { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore };
}
