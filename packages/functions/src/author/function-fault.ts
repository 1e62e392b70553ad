import type { RunFailure } from "../runtime/run.ts";

/** A run that failed for a reason that has a name, such as a result that is none. The message is for the function's author. */
export class FunctionFault extends Error {
  override readonly name = "FunctionFault";
  readonly failure: RunFailure;

  constructor(failure: RunFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** A fault of what a function answered. */
export function badResult(message: string, options?: ErrorOptions): FunctionFault {
  return new FunctionFault("bad_result", message, options);
}
