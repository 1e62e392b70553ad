import { inspect } from "node:util";
import type { RunReport, Trial } from "@anywire/functions/runtime";
import type { FunctionRun, RunFunctionRequest } from "@anywire/types";

/** How to try a function, as a request says it. Bytes do not travel in JSON: a body comes as text. */
export function trialOf({ event = {}, effects = "discard" }: RunFunctionRequest): Trial {
  const { body } = event;
  const isText = typeof body === "string";
  return { effects, event: isText ? { ...event, body: new TextEncoder().encode(body) } : event };
}

/** What came of a run, as JSON can hold it. */
export function functionRun(report: RunReport): FunctionRun {
  const { result, error, durationMs, queuedMs, lines, effects } = report;
  return {
    ...(result !== undefined && { result: plainResult(result) }),
    ...(error !== undefined && { error }),
    durationMs,
    queuedMs,
    lines: lines.map(({ fields, ...line }) =>
      fields === undefined ? line : { ...line, fields: plainFields(fields) },
    ),
    effects: effects.map(({ method, args }) => ({ method, args: args.map(plain) })),
  };
}

function plainResult(result: NonNullable<RunReport["result"]>): NonNullable<FunctionRun["result"]> {
  if (result.type === "response") {
    return { ...result, body: new TextDecoder().decode(result.body) };
  }
  return "changed" in result ? { ...result, changed: plain(result.changed) } : { ...result };
}

function plainFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
}

/** What JSON can't hold, such as a circle, as text for people. */
function plain(value: unknown): unknown {
  try {
    const json = JSON.stringify(value);
    return json === undefined ? null : JSON.parse(json);
  } catch {
    return inspect(value);
  }
}
