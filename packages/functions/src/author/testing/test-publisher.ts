import { AnywireError, addressSchema, entryIdSchema, signalSchema } from "@anywire/types";
import type { z } from "zod";
import { checkTarget } from "../check-target.ts";
import type { FunctionContext, FunctionPublished, FunctionPublishOptions } from "../context.ts";
import { describeIssues } from "../describe-issues.ts";
import type { FunctionMessage } from "../events.ts";
import { fromFunctionMessage, toFunctionMessage } from "../function-message.ts";
import { toJson } from "../to-json.ts";
import type { TestEntry, TestLog } from "./test-log.ts";

/** A signal that a function told. */
export interface TestSignal {
  readonly channel: string;
  readonly kind: string;
  readonly data: unknown;
}

/** Whose publishing it is, and where it goes. */
export interface TestPublisherOptions {
  readonly platform: string;
  readonly functionName: string;
  readonly log: TestLog;
  /** Takes what is published, in order. */
  readonly published: TestEntry[];
  readonly signals: TestSignal[];
}

/** What of a context says something to channels. */
export function createTestPublisher(
  options: TestPublisherOptions,
): Pick<FunctionContext, "publish" | "publishData" | "signal"> {
  const { platform, functionName, log, published, signals } = options;

  const store = (
    channel: string,
    content: Pick<TestEntry, "kind" | "message" | "data">,
    { id, sender = `function:${functionName}` }: FunctionPublishOptions,
  ): FunctionPublished => {
    const before = log.entries.length;
    const entry = log.append({
      channel: checkTarget(platform, channel),
      id: parse("id", entryIdSchema, id ?? `published-${before + 1}`),
      sender: parse("sender", addressSchema, sender),
      ...content,
    });
    if (log.entries.length > before) published.push(entry);
    const { offset, timetoken, at } = entry;
    return { id: entry.id, channel: entry.channel, offset, timetoken, at };
  };

  return {
    async publish(channel, message, how = {}) {
      return store(channel, { kind: "message", message: messageOf(message) }, how);
    },
    async publishData(channel, data, how = {}) {
      return store(channel, { kind: "data", data: copy(data) }, how);
    },
    async signal(channel, kind, data) {
      const signal = parse("signal", signalSchema, { kind, data: data ?? null });
      const name = checkTarget(platform, channel);
      signals.push({ channel: name, kind: signal.kind, data: copy(signal.data) });
    },
  };
}

function messageOf(message: string | Partial<FunctionMessage>): FunctionMessage {
  return refusing(() => {
    const given = typeof message === "string" ? { text: message } : copy(message);
    return toFunctionMessage(fromFunctionMessage(given));
  });
}

/** As JSON has it: what is published leaves the function. */
function copy(data: unknown): unknown {
  return JSON.parse(refusing(() => toJson(data, "what is published")));
}

function parse<T>(what: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AnywireError("bad_request", `the ${what}: ${describeIssues(parsed.error)}`);
}

/** What is refused on a server is the call, not the function's result. */
function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AnywireError("bad_request", why, { cause });
  }
}
