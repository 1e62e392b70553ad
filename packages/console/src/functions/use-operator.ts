import { AnywireError } from "@anywire/types";
import { useCallback, useEffect, useState } from "react";
import { type Operator, openDevOperator, openTokenOperator } from "./operator.ts";

/** How far the page is in signing its operator in. */
export type OperatorState =
  | { readonly phase: "opening" }
  | { readonly phase: "asking" }
  | { readonly phase: "failed"; readonly reason: string }
  | { readonly phase: "open"; readonly operator: Operator };

/** What the page does about signing in. */
export interface OperatorSignIn {
  readonly state: OperatorState;
  /** Tries again after a failure. */
  open(): void;
  /** Signs in with a token of platform `anywire`, and one that reads what functions log. */
  useTokens(token: string, logToken: string | undefined): void;
}

/** Signs an operator in where the server hands out tokens, and otherwise asks for some. */
export function useOperator(): OperatorSignIn {
  const [state, setState] = useState<OperatorState>({ phase: "opening" });

  const open = useCallback(() => {
    setState({ phase: "opening" });
    openDevOperator().then(
      (operator) => setState({ phase: "open", operator }),
      (thrown) => setState(stateAfter(thrown)),
    );
  }, []);

  const useTokens = useCallback((token: string, logToken: string | undefined) => {
    setState({ phase: "open", operator: openTokenOperator(token, logToken) });
  }, []);

  useEffect(open, [open]);
  return { state, open, useTokens };
}

function stateAfter(thrown: unknown): OperatorState {
  if (thrown instanceof AnywireError && thrown.code === "not_found") return { phase: "asking" };
  return { phase: "failed", reason: thrown instanceof Error ? thrown.message : String(thrown) };
}
