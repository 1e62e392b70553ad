import type { EntryDraft, Log, Pipeline, PublishRequest } from "@anywire/core";
import { createEntryId, type EntryTrace, toAnywireError } from "@anywire/types";
import { rootSpanIdOf, type SpanSink, spanIdOf, traceIdOf } from "./span.ts";

/** What is known of an entry that is published. */
interface Published {
  readonly id: string;
  readonly channel: string;
  readonly trace?: EntryTrace;
}

/** A pipeline whose publishes are spans: those that began by themselves are the roots of their traces. */
export function tracePublishes(pipeline: Pipeline, sink: SpanSink): Pipeline {
  return {
    ...pipeline,
    publish(principal, request) {
      // The trace is known by it, so it must be known before.
      const named = { ...request, id: request.id ?? createEntryId() };
      return timed(sink, publishSpan(named), () => pipeline.publish(principal, named));
    },
  };
}

/** A log whose appends of messages and data are spans, parts of their publishes. */
export function traceAppends(log: Pick<Log, "append">, sink: SpanSink): Pick<Log, "append"> {
  return {
    append: (draft) => timed(sink, appendSpan(draft), () => log.append(draft)),
  };
}

function publishSpan(published: Published & Pick<PublishRequest, "kind">) {
  const { id, channel, trace, kind } = published;
  const rootId = trace?.id ?? id;
  return {
    name: `publish ${typeOf(channel)}`,
    kind: trace === undefined ? ("server" as const) : ("internal" as const),
    traceId: traceIdOf(rootId),
    spanId: publishSpanId(published),
    ...(trace === undefined ? {} : { parentId: rootSpanIdOf(rootId) }),
    attributes: { "anywire.channel": channel, "anywire.entry": id, "anywire.kind": kind },
  };
}

function appendSpan(draft: EntryDraft) {
  return {
    name: "append",
    kind: "internal" as const,
    traceId: traceIdOf(draft.trace?.id ?? draft.id),
    spanId: spanIdOf(`append ${draft.channel} ${draft.id}`),
    parentId: publishSpanId(draft),
    attributes: { "anywire.channel": draft.channel },
  };
}

/** Not by the channel: a function may have sent it to another on the way. */
function publishSpanId({ id, trace }: Published): string {
  return trace === undefined ? rootSpanIdOf(id) : spanIdOf(`publish ${trace.id} ${id}`);
}

/** The second segment: names of spans are few. */
function typeOf(channel: string): string {
  return channel.split(".")[1] ?? "";
}

async function timed<T>(
  sink: SpanSink,
  span: Omit<Parameters<SpanSink["add"]>[0], "startedAt" | "durationMs" | "error">,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = Date.now();
  const begin = performance.now();
  const done = (error?: string): void => {
    const durationMs = performance.now() - begin;
    sink.add({ ...span, startedAt, durationMs, ...(error !== undefined && { error }) });
  };
  try {
    const result = await work();
    done();
    return result;
  } catch (error) {
    done(toAnywireError(error).code);
    throw error;
  }
}
