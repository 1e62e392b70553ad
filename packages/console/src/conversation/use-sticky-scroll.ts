import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Pixels from the end within which one counts as being there. */
const NEAR_END_PX = 64;

/** What is to be known of a row. */
export interface StickyRow {
  readonly key: string;
  /** Whether it is of who looks at the list. */
  readonly isOwn?: boolean;
}

/** How a list of rows scrolls. */
export interface StickyScroll {
  readonly ref: RefObject<HTMLDivElement | null>;
  /** Whether the newest rows are out of view. */
  readonly isAway: boolean;
  readonly toEnd: () => void;
  readonly onScroll: () => void;
}

/**
 * Keeps a list at its end while rows are added there, goes there for one's own, and holds the view still
 * while older rows are added above.
 */
export function useStickyScroll(rows: readonly StickyRow[]): StickyScroll {
  const ref = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  const drawn = useRef({ height: 0, firstKey: "", lastKey: "" });
  const [isAway, setIsAway] = useState(false);

  const toEnd = useCallback(() => {
    sticks.current = true;
    setIsAway(false);
    if (ref.current !== null) ref.current.scrollTop = ref.current.scrollHeight;
  }, []);

  const onScroll = useCallback(() => {
    if (ref.current === null) return;
    const { scrollHeight, scrollTop, clientHeight } = ref.current;
    sticks.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    setIsAway(!sticks.current);
  }, []);

  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const firstKey = rows[0]?.key ?? "";
    const last = rows.at(-1);
    const lastKey = last?.key ?? "";
    const before = drawn.current;
    const isOwnNew = last?.isOwn === true && lastKey !== before.lastKey;
    if (sticks.current || isOwnNew) toEnd();
    else if (firstKey !== before.firstKey)
      element.scrollTop += element.scrollHeight - before.height;
    drawn.current = { height: element.scrollHeight, firstKey, lastKey };
  }, [rows, toEnd]);

  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (sticks.current) toEnd();
    });
    if (ref.current !== null) observer.observe(ref.current);
    return () => observer.disconnect();
  }, [toEnd]);

  return { ref, isAway, toEnd, onScroll };
}
