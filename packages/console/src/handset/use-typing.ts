import { useRef } from "react";

/** How often the network is told while somebody goes on typing, ms. */
const EVERY_MS = 3000;

/** Tells the network that somebody is typing: to be called at every keystroke. Best effort. */
export function useTyping(tell: (() => Promise<unknown>) | undefined): () => void {
  const told = useRef(Number.NEGATIVE_INFINITY);
  return () => {
    const now = performance.now();
    if (tell === undefined || now - told.current < EVERY_MS) return;
    told.current = now;
    tell().catch(() => undefined);
  };
}
