import type { TimelineState } from "@anywire/client/timeline";
import { type ReactElement, useRef } from "react";
import { textOf } from "./rows.ts";
import { useNames } from "./use-names.ts";

/** Reads others' new messages to those who listen instead of looking; not what is there from the start. */
export function Announcer({ state }: { readonly state: TimelineState }): ReactElement {
  const nameOf = useNames();
  const newest = state.messages.findLast(({ sender }) => sender !== state.self);
  const firstOffset = useRef<number>(undefined);
  if (state.history === "ready") firstOffset.current ??= newest?.offset ?? 0;
  const isNew = newest !== undefined && newest.offset > (firstOffset.current ?? newest.offset);
  return (
    <p className="sr-only" aria-live="polite">
      {isNew && `${nameOf(newest.sender)}: ${textOf(newest.data)}`}
    </p>
  );
}
