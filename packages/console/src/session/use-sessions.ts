import { AnywireError } from "@anywire/types";
import { useCallback, useEffect, useState } from "react";
import { openDevSession, openTokenSession, type Session } from "./session.ts";

const ACCOUNTS = ["bob", "june"];

/** How far the page is in signing in. */
export type SessionsState =
  | { readonly phase: "opening" }
  | { readonly phase: "asking" }
  | { readonly phase: "failed"; readonly reason: string }
  | { readonly phase: "open"; readonly sessions: readonly Session[] };

/** What the page does about signing in. */
export interface Sessions {
  readonly state: SessionsState;
  /** Tries again after a failure. */
  open(): void;
  /** Signs in with one token or several. */
  useTokens(tokens: readonly string[]): void;
}

/** Signs Bob and June in where the server hands out tokens, and otherwise asks for some. */
export function useSessions(channel: string): Sessions {
  const [state, setState] = useState<SessionsState>({ phase: "opening" });

  const open = useCallback(() => {
    setState({ phase: "opening" });
    Promise.all(ACCOUNTS.map((account) => openDevSession(account, channel))).then(
      (sessions) => setState({ phase: "open", sessions }),
      (thrown) => setState(stateAfter(thrown)),
    );
  }, [channel]);

  const useTokens = useCallback(
    (tokens: readonly string[]) => {
      const sessions = tokens.map((token, i) => openTokenSession(token, i, channel));
      setState({ phase: "open", sessions });
    },
    [channel],
  );

  useEffect(open, [open]);
  return { state, open, useTokens };
}

function stateAfter(thrown: unknown): SessionsState {
  if (thrown instanceof AnywireError && thrown.code === "not_found") return { phase: "asking" };
  return { phase: "failed", reason: thrown instanceof Error ? thrown.message : String(thrown) };
}
