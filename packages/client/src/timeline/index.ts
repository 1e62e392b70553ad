export type { Timeline, TimelineOptions } from "./timeline.ts";
export { createTimeline } from "./timeline.ts";
export type { TimelineMessage } from "./timeline-message.ts";
export type { OutgoingMessage, Receipt, Recovery, TimelineState } from "./timeline-state.ts";
