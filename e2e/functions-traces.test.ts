import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { functionsDirectory } from "./support/functions-directory.ts";
import { say } from "./support/http-call.ts";
import { Inbox } from "./support/inbox.ts";
import { connectSdk, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const TRIM = `
import { beforePublish } from "@anywire/functions";

export default beforePublish("*.sms.*", (event) => {
  event.message.text = event.message.text.trim();
});
`;
const FORWARD = `
import { afterPublish } from "@anywire/functions";

export default afterPublish("*.sms.*", async (event, { publish }) => {
  await publish("production.group.desk", event.message.text);
});
`;

/** A span as OTLP has it, as far as it matters here. */
interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

async function startReceiver(): Promise<{
  readonly otlpUrl: string;
  readonly spans: Inbox<SentSpan>;
}> {
  const spans = new Inbox<SentSpan>("spans");
  const receiver = createServer(async (request, response) => {
    const { resourceSpans } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    for (const { scopeSpans } of resourceSpans)
      for (const scope of scopeSpans) for (const span of scope.spans) spans.push(span);
    response.setHeader("content-type", "application/json");
    response.end("{}");
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void receiver.close());
  const { port } = receiver.address() as AddressInfo;
  return { otlpUrl: `http://127.0.0.1:${port}/v1/traces`, spans };
}

test("a message, the functions that ran for it and what they sent are one trace", async () => {
  const functions = await functionsDirectory({ "trim.ts": TRIM, "forward.ts": FORWARD });
  const { otlpUrl, spans } = await startReceiver();
  const server = await startTestServer({
    functions: { source: "directory", directory: functions.path },
    telemetry: { otlpUrl },
  });
  const desk = await subscribeSdk(await connectSdk(server), "production.group.desk");
  const { id } = await say(server, "production.sms.1", " hello ");
  await desk.publications.find(({ data }) => data.text === "hello");
  // It sends what is left of them.
  await server.close();
  const traceId = id.replaceAll("-", "");
  const ofTrace = spans.items.filter((span) => span.traceId === traceId);
  const parents = new Map(ofTrace.map(({ spanId, name }) => [spanId, name]));
  const tree = ofTrace.map(({ name, parentSpanId = "" }) => [name, parents.get(parentSpanId)]);
  expect(tree.toSorted()).toEqual([
    ["append", "publish group"],
    ["append", "publish sms"],
    ["function forward", "publish sms"],
    ["function trim", "publish sms"],
    ["publish group", "publish sms"],
    ["publish sms", undefined],
  ]);
});
