/**
 * What a promise resolves with; or something else when the signal aborts, and it does not end soon after that by itself: whoever
 * was told to stop may still say how far it came.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal, otherwise: T): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const give = (): void => {
      timer = setTimeout(() => resolve(otherwise), GRACE_MS);
    };
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", give);
    };
    if (signal.aborted) give();
    else signal.addEventListener("abort", give);
    work.then(resolve, reject).finally(end);
  });
}

const GRACE_MS = 250;
