import { AnywireError } from "@anywire/types";
import { completeEvent } from "../complete-event.ts";
import type { FunctionDefinition } from "../definition.ts";
import type { EventDrafts } from "../event-draft.ts";
import type { EventInputs } from "../events.ts";
import type { BeforeResult, OkResult, ResponseResult } from "../results.ts";
import type { BeforeTrigger, Trigger } from "../trigger.ts";
import { TestClock } from "./test-clock.ts";
import { createTestContext, type TestContext, type TestContextOptions } from "./test-context.ts";

/** Statuses whose answer has no body. */
const WITHOUT_BODY: readonly number[] = [204, 205, 304];

/** What can come of a run, by trigger. */
export type ResultOf<K extends Trigger> = K extends BeforeTrigger
  ? BeforeResult
  : K extends "onRequest"
    ? ResponseResult
    : OkResult;

/** How to run a function: with what there is, or in the context of an earlier run. */
export type RunFunctionOptions = TestContextOptions | { readonly context: TestContext };

/** What a function did in one run. */
export interface TestRun<K extends Trigger = Trigger>
  extends Pick<TestContext, "published" | "signals" | "logs" | "requests"> {
  readonly result: ResultOf<K>;
  /** Of an HTTP function: its answer, to be read as one of `fetch`. */
  readonly response: K extends "onRequest" ? Response : undefined;
  /** What the key-value store holds then, by key. */
  readonly kv: Readonly<Record<string, unknown>>;
  /** For another run that goes on with all this. */
  readonly context: TestContext;
}

/**
 * Runs a function once, in this process and without a server, on an event that needs to tell only what matters to the test.
 * Rejects with what the function throws, `FunctionFault` for a result that is none.
 *
 * ```ts
 * import { runFunction } from "@anywire/functions";
 * import { expect, test } from "vitest";
 * import smsLength from "./sms-length.ts";
 *
 * test("a text that is too long for SMS is refused", async () => {
 *   const { result } = await runFunction(smsLength, { message: "x".repeat(1601) });
 *   expect(result).toEqual({ type: "abort", reason: "too long for SMS" });
 * });
 * ```
 * @throws {AnywireError} `bad_request` for an event that the function would never be run for.
 */
export async function runFunction<K extends Trigger>(
  definition: FunctionDefinition<K>,
  event: EventDrafts[K] = {},
  options: RunFunctionOptions = {},
): Promise<TestRun<K>> {
  const { context, input } = prepare(definition, event, options);
  const { published, signals, logs, requests } = context;
  const seen = [published.length, signals.length, logs.length, requests.length];
  const result = await definition.run(input, { ...context, trace: input.trace });
  return {
    result: result as ResultOf<K>,
    response: (result.type === "response"
      ? toResponse(result)
      : undefined) as TestRun<K>["response"],
    published: published.slice(seen[0]),
    signals: signals.slice(seen[1]),
    logs: logs.slice(seen[2]),
    requests: requests.slice(seen[3]),
    kv: context.kept(),
    context,
  };
}

function prepare<K extends Trigger>(
  definition: FunctionDefinition<K>,
  event: EventDrafts[K],
  options: RunFunctionOptions,
): { readonly context: TestContext; readonly input: EventInputs[K] } {
  const given = "context" in options ? options.context : undefined;
  const wanted: TestContextOptions =
    "context" in options ? { now: options.context.now() } : options;
  const now = new TestClock(wanted.now).now();
  const { platform = given?.platform ?? definition.options.platform ?? "production" } = wanted;
  const input = completeEvent(definition, event, { now, id: "entry-1", platform });
  const context =
    given ??
    createTestContext({
      ...wanted,
      now,
      platform: "platform" in input ? input.platform : platform,
    });
  if (!("platform" in input) || input.platform === context.platform) return { context, input };
  throw new AnywireError(
    "bad_request",
    `the event is on the platform ${input.platform}, and the context is for ${context.platform}; give both the same`,
  );
}

function toResponse({ status, headers, body }: ResponseResult): Response {
  return new Response(WITHOUT_BODY.includes(status) ? null : body.slice(), {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
}
