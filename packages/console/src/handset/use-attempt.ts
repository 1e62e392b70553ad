import { useCallback, useState } from "react";

/** What is tried, and why it did not work. */
export interface Attempt {
  /** Why the last thing that was tried did not work. */
  readonly failure: string | undefined;
  /** Tries something; rejects as it does. */
  attempt<T>(work: Promise<T>): Promise<T>;
}

/** Keeps the reason of what did not work, to be shown until something else is tried. */
export function useAttempt(): Attempt {
  const [failure, setFailure] = useState<string>();
  const attempt = useCallback(async <T>(work: Promise<T>): Promise<T> => {
    setFailure(undefined);
    try {
      return await work;
    } catch (thrown) {
      const { message } = thrown as Error;
      setFailure(`${message.charAt(0).toUpperCase()}${message.slice(1)}.`);
      throw thrown;
    }
  }, []);
  return { failure, attempt };
}
