import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Secret } from "../config/secret.ts";
import { createOtlpSink } from "./otlp-sink.ts";
import type { Span } from "./span.ts";

/** What came to the receiver. */
interface Received {
  readonly path: string | undefined;
  readonly key: string | string[] | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: as OTLP has it
  readonly body: any;
}

async function startReceiver(): Promise<{ url: string; received: Received[]; server: Server }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const body = JSON.parse(Buffer.concat(chunks).toString());
    received.push({ path: request.url, key: request.headers["x-key"], body });
    response.setHeader("content-type", "application/json");
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1/traces`, received, server };
}

const SPAN: Span = {
  name: "function sms-length",
  kind: "consumer",
  traceId: "01990d3e7a107cc08a513f0f3c1b2a55",
  spanId: "00f067aa0ba902b7",
  parentId: "53995c3f42cd8ad8",
  startedAt: 1_783_526_400_000.5,
  durationMs: 1.25,
  attributes: { "anywire.function": "sms-length", "anywire.attempt": 2 },
  error: "it threw",
};

test("spans are sent over OTLP with their own ids and times, and the headers of the configuration", async () => {
  const { url, received } = await startReceiver();
  const headers = { "X-Key": new Secret("s3cr3t") };
  const logger = { warn: () => {} };
  const sink = await createOtlpSink({ otlpUrl: url, headers, serviceName: "crm" }, logger);
  sink.add(SPAN);
  const { parentId: _, error: __, ...root } = SPAN;
  sink.add({ ...root, kind: "server", spanId: "53995c3f42cd8ad8" });
  await sink.close();
  await sink.close();
  sink.add(SPAN);
  expect(received).toHaveLength(1);
  const [{ path, key, body } = { path: "", key: "", body: {} }] = received;
  expect([path, key]).toEqual(["/v1/traces", "s3cr3t"]);
  const [{ resource, scopeSpans }] = body.resourceSpans;
  expect(resource.attributes).toContainEqual({
    key: "service.name",
    value: { stringValue: "crm" },
  });
  const [run, publish] = scopeSpans[0].spans;
  expect(run).toMatchObject({
    traceId: SPAN.traceId,
    spanId: SPAN.spanId,
    parentSpanId: SPAN.parentId,
    name: SPAN.name,
    kind: 5,
    startTimeUnixNano: "1783526400000500000",
    endTimeUnixNano: "1783526400001750000",
    status: { code: 2, message: "it threw" },
  });
  expect(run.attributes).toContainEqual({ key: "anywire.attempt", value: { intValue: 2 } });
  expect(publish).toMatchObject({ spanId: "53995c3f42cd8ad8", kind: 2, status: { code: 0 } });
  expect(publish.parentSpanId).toBeUndefined();
});

// The packages reject then. The server gave up closing there, its database among it, and its process did not end.
test("closing resolves also when nobody takes what is left, and says so", async () => {
  const { url, server } = await startReceiver();
  await new Promise((resolve) => server.close(resolve));
  const told: unknown[] = [];
  const logger = { warn: (...given: readonly unknown[]) => void told.push(given) };
  const sink = await createOtlpSink({ otlpUrl: url, headers: {}, serviceName: "crm" }, logger);
  sink.add(SPAN);
  await sink.close();
  expect(told).toContainEqual([
    { err: expect.objectContaining({ code: "ECONNREFUSED" }) },
    "the last traces could not be sent",
  ]);
}, 20_000);
