import { useCallback, useEffect, useRef, useState } from "react";

/** What was read last. */
export interface Polled<T> {
  /** Undefined before the first answer. */
  readonly value: T | undefined;
  /** Why it could not be read the last time; undefined when it could. */
  readonly failure: Error | undefined;
  /** Reads at once. */
  readonly refresh: () => Promise<void>;
}

/**
 * Reads something again and again while the page is looked at.
 * @param read the same function for the same thing
 */
export function usePolled<T>(read: () => Promise<T>, everyMs: number): Polled<T> {
  const [state, setState] = useState<Omit<Polled<T>, "refresh">>({
    value: undefined,
    failure: undefined,
  });
  const begun = useRef(0);

  const refresh = useCallback(async () => {
    begun.current += 1;
    const own = begun.current;
    // What was asked before something was changed tells how it was before.
    const isLate = (): boolean => own !== begun.current;
    try {
      const value = await read();
      if (!isLate()) setState({ value, failure: undefined });
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (!isLate()) setState(({ value }) => ({ value, failure }));
    }
  }, [read]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let isOver = false;
    const next = async (): Promise<void> => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") await refresh();
      clearTimeout(timer);
      if (!isOver) timer = setTimeout(next, everyMs);
    };
    const look = (): void => void next();
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      isOver = true;
      begun.current += 1;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [refresh, everyMs]);

  return { ...state, refresh };
}
