import { AnywireError } from "@anywire/types";
import { useCallback, useEffect, useState } from "react";
import { openDevSession, openTokenSession, type Session } from "./session.ts";

/** How far the page is in signing in. */
export type SessionsState =
  | { readonly phase: "opening" }
  | { readonly phase: "asking" }
  | { readonly phase: "failed"; readonly reason: string }
  | {
      readonly phase: "open";
      readonly sessions: readonly Session[];
      /** Whether the server hands out tokens. */
      readonly isDevelopment: boolean;
    };

/** What the page does about signing in. */
export interface Sessions {
  readonly state: SessionsState;
  /** Tries again after a failure. */
  open(): void;
  /** Signs in with one token or several. */
  useTokens(tokens: readonly string[]): void;
}

/**
 * Signs accounts in where the server hands out tokens, and otherwise asks for some.
 * @param accounts the same list on every call
 */
export function useSessions(accounts: readonly string[]): Sessions {
  const [state, setState] = useState<SessionsState>({ phase: "opening" });

  const open = useCallback(() => {
    setState({ phase: "opening" });
    Promise.all(accounts.map(openDevSession)).then(
      (sessions) => setState({ phase: "open", sessions, isDevelopment: true }),
      (thrown) => setState(stateAfter(thrown)),
    );
  }, [accounts]);

  const useTokens = useCallback((tokens: readonly string[]) => {
    setState({ phase: "open", sessions: tokens.map(openTokenSession), isDevelopment: false });
  }, []);

  useEffect(open, [open]);
  return { state, open, useTokens };
}

function stateAfter(thrown: unknown): SessionsState {
  if (thrown instanceof AnywireError && thrown.code === "not_found") return { phase: "asking" };
  return { phase: "failed", reason: thrown instanceof Error ? thrown.message : String(thrown) };
}
