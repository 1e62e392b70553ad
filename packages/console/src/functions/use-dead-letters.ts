import type { DeadLettersPage } from "@anywire/types";
import { useCallback } from "react";
import { useOperatorHere } from "./operator-context.ts";
import { usePolled } from "./use-polled.ts";

/** The events that a function was given up on. */
export interface KnownDeadLetters {
  /** Undefined until they are known; oldest first, at most a page of them. */
  readonly page: DeadLettersPage | undefined;
  /** How many there are, as far as is known. */
  readonly label: string;
  readonly failure: string | undefined;
  readonly refresh: () => Promise<void>;
}

const POLL_MS = 2000;
const NONE: DeadLettersPage = { deadLetters: [] };

/**
 * The dead letters of a function, kept up to date.
 * @param canHaveSome false for one that has none by its kind
 */
export function useDeadLetters(name: string, canHaveSome: boolean): KnownDeadLetters {
  const { api } = useOperatorHere();
  const read = useCallback(
    async () => (canHaveSome ? await api.deadLetters(name) : NONE),
    [api, name, canHaveSome],
  );
  const { value, failure, refresh } = usePolled(read, POLL_MS);
  const count = value?.deadLetters.length ?? 0;
  const label = value?.cursor === undefined ? String(count) : `${count}+`;
  return { page: value, label, failure: failure?.message, refresh };
}
