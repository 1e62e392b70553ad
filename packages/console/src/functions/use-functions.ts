import type { DeploymentAnswer, FunctionStatusAnswer } from "@anywire/types";
import { useCallback } from "react";
import { useOperatorHere } from "./operator-context.ts";
import { type Polled, usePolled } from "./use-polled.ts";

/** What runs, and how it does. */
export interface KnownFunctions {
  readonly functions: readonly FunctionStatusAnswer[];
  readonly deployment: DeploymentAnswer;
}

const POLL_MS = 1500;

/** What runs, kept up to date. */
export function useFunctions(): Polled<KnownFunctions> {
  const { api } = useOperatorHere();
  const read = useCallback(async () => {
    const [functions, deployment] = await Promise.all([api.functions(), api.deployment()]);
    return { functions, deployment };
  }, [api]);
  return usePolled(read, POLL_MS);
}
