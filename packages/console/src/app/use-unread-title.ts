import { selectTotals } from "@anywire/client/store";
import { useEffect } from "react";
import type { Session } from "../session/session.ts";

const NAME = "Anywire";

/** Puts what is unread on this page into the title of its window. */
export function useUnreadTitle(sessions: readonly Session[]): void {
  useEffect(() => {
    const show = (): void => {
      const counts = sessions.map(({ store }) => selectTotals(store.getState()).unread);
      const unread = counts.reduce((sum, count) => sum + count, 0);
      document.title = unread === 0 ? NAME : `(${unread}) ${NAME}`;
    };
    show();
    const stops = sessions.map(({ store }) => store.subscribe(show));
    return () => {
      for (const stop of stops) stop();
    };
  }, [sessions]);
}
