import { type ReactElement, useRef } from "react";
import type { ConversationState } from "./conversation-state.ts";
import { displayName } from "./people.ts";
import { textOf } from "./timeline.ts";

/** Reads others' new messages to those who listen instead of looking; not what is there from the start. */
export function Announcer({ state }: { readonly state: ConversationState }): ReactElement {
  const newest = state.messages.findLast(({ sender }) => sender !== state.self);
  const firstOffset = useRef<number>(undefined);
  if (state.history === "ready") firstOffset.current ??= newest?.offset ?? 0;
  const isNew = newest !== undefined && newest.offset > (firstOffset.current ?? newest.offset);
  return (
    <p className="sr-only" aria-live="polite">
      {isNew && `${displayName(newest.sender)}: ${textOf(newest)}`}
    </p>
  );
}
