import { isDeepStrictEqual } from "node:util";
import type { FunctionResult } from "../../author/results.ts";
import type { Effect, RunReport } from "../run.ts";
import { shorten } from "./log-fields.ts";

/** Of an answer's body so much is shown, characters. */
const MAX_BODY = 1_000;

/** What came of a run, to be compared with another one and to be shown. */
export interface RunOutcome {
  readonly result?: unknown;
  readonly error?: { readonly failure: string; readonly message: string };
  readonly effects: readonly Effect[];
}

/** What a run came to and what it changed, without what it fetched: of a run whose effects happen that is not known. */
export function toOutcome({ result, error }: RunReport, effects: readonly Effect[]): RunOutcome {
  return {
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error: { failure: error.failure, message: error.message } }),
    effects: effects.filter(({ method }) => method !== "fetch"),
  };
}

/** Whether two runs came to the same and changed the same. */
export function isSameOutcome(one: RunOutcome, other: RunOutcome): boolean {
  return isDeepStrictEqual(one, other);
}

/** An outcome as a person reads it. */
export function showOutcome({ result, ...rest }: RunOutcome): Readonly<Record<string, unknown>> {
  return result === undefined ? rest : { result: showResult(result as FunctionResult), ...rest };
}

function showResult(result: FunctionResult): unknown {
  if (result.type !== "response") return result;
  return { ...result, body: shorten(new TextDecoder().decode(result.body), MAX_BODY) };
}
