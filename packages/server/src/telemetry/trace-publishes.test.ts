import { createAccess, createPipeline, principalOf } from "@anywire/core";
import { createMemoryLog, createMemoryPresence } from "@anywire/engines/memory";
import { createChannelTypeRegistry } from "@anywire/types";
import { beforeEach, expect, test } from "vitest";
import { rootSpanIdOf, type Span, traceIdOf } from "./span.ts";
import { traceAppends, tracePublishes } from "./trace-publishes.ts";

const bob = principalOf({ sub: "bob", platform: "production", publish: ["production.>"] });
const CHANNEL = "production.group.lobby";

let spans: Span[];

beforeEach(() => {
  spans = [];
});

async function tracedPipeline() {
  const sink = { add: (span: Span) => void spans.push(span), close: async () => {} };
  const [log, presence] = [createMemoryLog(), createMemoryPresence()];
  await Promise.all([log.start(), presence.start()]);
  const access = createAccess({
    channelTypes: createChannelTypeRegistry(),
    state: { get: () => Promise.reject(new Error("not asked")) },
    membershipOf: () => null,
  });
  const limits = { maxMessageBytes: 4096, maxDepth: 8 };
  const pipeline = createPipeline({ access, presence, log: traceAppends(log, sink), ...limits });
  return tracePublishes(pipeline, sink);
}

test("a publish that began by itself is the root of its trace, and its append a part of it", async () => {
  const pipeline = await tracedPipeline();
  const request = { channel: CHANNEL, kind: "message", data: { text: "hi" } } as const;
  const { entry } = await pipeline.publish(bob, request);
  const [append, publish] = spans;
  const traceId = traceIdOf(entry.id);
  expect(publish).toMatchObject({
    name: "publish group",
    kind: "server",
    traceId,
    spanId: rootSpanIdOf(entry.id),
    attributes: { "anywire.channel": CHANNEL, "anywire.entry": entry.id },
  });
  expect(publish).not.toHaveProperty("parentId");
  expect(append).toMatchObject({ name: "append", traceId, parentId: publish?.spanId });
  expect(publish?.durationMs).toBeGreaterThanOrEqual(append?.durationMs ?? Number.NaN);
});

test("what a function publishes belongs to the trace of what led to it", async () => {
  const pipeline = await tracedPipeline();
  const trace = { id: "m1", via: ["forward"] };
  await pipeline.publish(bob, { channel: CHANNEL, id: "x", kind: "data", data: 1, trace });
  const [append, publish] = spans;
  expect(publish).toMatchObject({ traceId: traceIdOf("m1"), parentId: rootSpanIdOf("m1") });
  expect(publish?.spanId).not.toBe(publish?.parentId);
  expect(append).toMatchObject({ traceId: traceIdOf("m1"), parentId: publish?.spanId });
});

test("a publish that was refused is a span with its error", async () => {
  const pipeline = await tracedPipeline();
  const request = { channel: "staging.group.x", kind: "data", data: 1 } as const;
  await expect(pipeline.publish(bob, request)).rejects.toMatchObject({ code: "permission_denied" });
  expect(spans).toEqual([
    expect.objectContaining({ name: "publish group", error: "permission_denied" }),
  ]);
});
