import { createContext, useContext, useSyncExternalStore } from "react";
import type { FunctionLogState } from "./function-log.ts";
import type { Operator } from "./operator.ts";

const Context = createContext<Operator | undefined>(undefined);

/** Gives the page's operator to everything in it. */
export const OperatorProvider = Context.Provider;

/** Who looks after functions here. */
export function useOperatorHere(): Operator {
  const operator = useContext(Context);
  if (operator === undefined) throw new Error("there is no OperatorProvider around this");
  return operator;
}

const none = (): undefined => undefined;
const never = (): (() => void) => none;

/** What functions log; undefined where nobody may read it. */
export function useFunctionLog(): FunctionLogState | undefined {
  const { log } = useOperatorHere();
  return useSyncExternalStore<FunctionLogState | undefined>(
    log?.lines.subscribe ?? never,
    log?.lines.getState ?? none,
  );
}
