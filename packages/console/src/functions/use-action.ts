import { useCallback, useState } from "react";

/** Something that is asked of the server. */
export interface Action {
  readonly isBusy: boolean;
  /** Why it failed the last time; undefined when it did not. */
  readonly failure: string | undefined;
  /** Does it; a second call meanwhile is a no-op. */
  readonly run: (work: () => Promise<unknown>) => Promise<void>;
}

/** Does one thing after the other, and says why one failed. */
export function useAction(): Action {
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const run = useCallback(
    async (work: () => Promise<unknown>) => {
      if (isBusy) return;
      setIsBusy(true);
      setFailure(undefined);
      try {
        await work();
      } catch (thrown) {
        setFailure(thrown instanceof Error ? thrown.message : String(thrown));
      } finally {
        setIsBusy(false);
      }
    },
    [isBusy],
  );
  return { isBusy, failure, run };
}
