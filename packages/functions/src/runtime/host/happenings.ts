import type { LogEntry } from "@anywire/core";
import type { EventInputs } from "../../author/events.ts";
import { channelFacts, entryEvent } from "./before-subject.ts";

/** Triggers of functions that run after something. */
export type AfterTrigger = "afterPublish" | "afterSignal" | "afterPresence";

/** Whether a trigger is that of a function that runs after something. */
export function isAfterTrigger(trigger: string): trigger is AfterTrigger {
  return trigger === "afterPublish" || trigger === "afterSignal" || trigger === "afterPresence";
}

/** The type of the channels on which is kept what happened live: the server's own. */
export const EVENT_TYPE = "event";

/** Data of an entry of kind `signal` on a channel of type `event`. */
export interface KeptSignal {
  readonly channel: string;
  readonly kind: string;
  readonly accountId: string;
  readonly client: string;
  readonly data: unknown;
}

/** Data of an entry of kind `presence` on a channel of type `event`. */
export interface KeptPresence {
  readonly channel: string;
  readonly action: "join" | "leave";
  readonly accountId: string;
  readonly client: string;
}

/** What an entry says that functions run after. */
export interface Happening {
  readonly trigger: AfterTrigger;
  readonly channel: string;
  /** What a function's `kinds` choose from. */
  readonly kind?: string;
  /** As the event of an attempt to run a function on it. */
  readonly toEvent: (attempt: number) => EventInputs[AfterTrigger];
}

/** The channel types on which functions run after nothing: what is there is said by the server. */
const WITHOUT_FUNCTIONS = new Set(["system", "notification", "presence", "contact"]);

/** What an entry says; undefined for one that functions never run after. */
export function toHappening(entry: LogEntry): Happening | undefined {
  const { channel, kind } = entry;
  const type = channel.slice(channel.indexOf(".") + 1, channel.lastIndexOf("."));
  if (WITHOUT_FUNCTIONS.has(type)) return undefined;
  if (type === EVENT_TYPE) return toLiveHappening(entry);
  if (kind !== "message" && kind !== "edit" && kind !== "data") return undefined;
  return { trigger: "afterPublish", channel, kind, toEvent: (attempt) => stored(entry, attempt) };
}

function stored(entry: LogEntry, attempt: number): EventInputs["afterPublish"] {
  const { offset, at, timetoken } = entry;
  return { ...entryEvent(entry, traceOf(entry), attempt), offset, at, timetoken };
}

function toLiveHappening(entry: LogEntry): Happening | undefined {
  const trace = traceOf(entry);
  if (entry.kind === "signal") {
    const kept = JSON.parse(entry.dataJson) as KeptSignal;
    const { channel } = kept;
    const event = { ...kept, ...channelFacts(channel), trace };
    return { trigger: "afterSignal", channel, toEvent: (attempt) => ({ ...event, attempt }) };
  }
  if (entry.kind !== "presence") return undefined;
  const kept = JSON.parse(entry.dataJson) as KeptPresence;
  const { channel } = kept;
  const event = { ...kept, ...channelFacts(channel), trace };
  return { trigger: "afterPresence", channel, toEvent: (attempt) => ({ ...event, attempt }) };
}

function traceOf({ id, trace }: LogEntry): NonNullable<LogEntry["trace"]> {
  return trace ?? { id, via: [] };
}
