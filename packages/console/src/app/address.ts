import { useCallback, useEffect, useState } from "react";

/** What the page's address says after its question mark, by name. */
export function inAddress(name: string): string | undefined {
  return new URLSearchParams(location.search).get(name) || undefined;
}

/** A word of the page's address, and how to change it: the browser's way back leads through its changes. */
export function useAddress(
  name: string,
): readonly [string | undefined, (value: string | undefined) => void] {
  const [value, setValue] = useState(() => inAddress(name));
  useEffect(() => {
    const follow = (): void => setValue(inAddress(name));
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }, [name]);
  const change = useCallback(
    (next: string | undefined) => {
      setValue(next);
      if (next === inAddress(name)) return;
      const query = new URLSearchParams(location.search);
      if (next === undefined) query.delete(name);
      else query.set(name, next);
      window.history.pushState(null, "", `?${query}`);
    },
    [name],
  );
  return [value, change];
}
