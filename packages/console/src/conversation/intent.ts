import type { TimelineMessage } from "@anywire/client/timeline";

/** What the next thing one sends is, beside a new message: an answer to one, or another version of it. */
export interface Intent {
  readonly kind: "reply" | "edit";
  readonly message: TimelineMessage;
}
