import { AsyncLocalStorage } from "node:async_hooks";
import { AnywireError } from "@anywire/types";
import type { FunctionContext } from "../author/context.ts";

const runs = new AsyncLocalStorage<FunctionContext>();

/** Does some work for a run: the PubNub modules that it uses, now or later, work on that context. */
export function runAsCurrent<R>(context: FunctionContext, work: () => R): R {
  return runs.run(context, work);
}

/**
 * The context of the run that calls, for what the PubNub modules cannot do.
 * @throws {AnywireError} `unsupported` outside of a run, such as while a file is loaded.
 */
export function currentContext(): FunctionContext {
  const context = runs.getStore();
  if (context !== undefined) return context;
  throw new AnywireError(
    "unsupported",
    "a PubNub module was used outside of a run: use it in a handler that was written for PubNub, not while the file is loaded; other functions have the same in their context",
  );
}
