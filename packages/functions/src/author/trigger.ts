/** What can make a function run. */
export const TRIGGERS = [
  "beforePublish",
  "beforeSignal",
  "afterPublish",
  "afterSignal",
  "afterPresence",
  "onRequest",
  "onInterval",
  "onCron",
] as const;

/** One of {@link TRIGGERS}. */
export type Trigger = (typeof TRIGGERS)[number];

/** The triggers that are bound to a channel pattern. */
export type ChannelTrigger = Exclude<Trigger, "onRequest" | "onInterval" | "onCron">;

/** The triggers that stand in the way of what they are run for. */
export type BeforeTrigger = "beforePublish" | "beforeSignal";
