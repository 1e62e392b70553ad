import {
  createEntryId,
  formatTimetoken,
  matchesPattern,
  parseChannelName,
  patternTokens,
} from "@anywire/types";
import { completeRequest } from "./complete-request.ts";
import type { Bound } from "./definition.ts";
import {
  checkEventDraft,
  type EventDrafts,
  type PresenceDraft,
  type PublishDraft,
  type ScheduleDraft,
  type SignalDraft,
  type StoredDraft,
} from "./event-draft.ts";
import type {
  ChannelEventInput,
  DataEventInput,
  EventInputs,
  FunctionMessage,
  MessageEventInput,
  PresenceEventInput,
  PublishKind,
  ScheduleEventInput,
  SignalEventInput,
  StoredInput,
} from "./events.ts";
import { fromFunctionMessage, toFunctionMessage } from "./function-message.ts";
import { refused, refusing } from "./refuse-event.ts";
import { toJson } from "./to-json.ts";
import type { Trigger } from "./trigger.ts";

/** What is taken where an event says nothing. */
export interface EventDefaults {
  /** Milliseconds since the Unix epoch. Default now. */
  readonly now?: number;
  /** The id of an entry. Default a new one. */
  readonly id?: string;
  /** Where the function's pattern names none. Default `production`. */
  readonly platform?: string;
}

type Defaults = Required<EventDefaults>;

const COMPLETE: {
  readonly [K in Trigger]: (
    bound: Bound,
    draft: EventDrafts[K],
    defaults: Defaults,
  ) => Omit<EventInputs[K], "trace" | "attempt">;
} = {
  beforePublish: completePublish,
  beforeSignal: completeSignal,
  afterPublish: (bound, draft, defaults) => ({
    ...completePublish(bound, draft, defaults),
    ...completeStored(draft, defaults),
  }),
  afterSignal: completeSignal,
  afterPresence: completePresence,
  onRequest: completeRequest,
  onInterval: completeSchedule,
  onCron: completeSchedule,
};

/**
 * An event for a function from whatever of it is given; what is not gets a value that fits the function.
 * @throws {AnywireError} `bad_request` when something given is wrong, or when the function would never be run for it.
 */
export function completeEvent<K extends Trigger>(
  bound: Bound & { readonly trigger: K },
  given: unknown,
  defaults: EventDefaults = {},
): EventInputs[K] {
  const draft = checkEventDraft(bound.trigger, given);
  const { now = Date.now(), id = createEntryId(), platform = "production" } = defaults;
  const event = COMPLETE[bound.trigger](bound, draft, { now, id, platform });
  const traceId = "id" in event ? event.id : id;
  const { trace = { id: traceId, via: [] }, attempt = 1 } = draft;
  return { ...event, trace, attempt } as EventInputs[K];
}

function completeChannel(
  { binding }: Bound,
  draft: {
    readonly channel?: string | undefined;
    readonly platform?: string | undefined;
    readonly channelType?: string | undefined;
    readonly channelId?: string | undefined;
  },
  defaults: Defaults,
): Omit<ChannelEventInput, "trace" | "attempt"> {
  const [platform, type, id] = patternTokens(binding);
  const fitting = [
    draft.platform ?? named(platform, defaults.platform),
    draft.channelType ?? named(type, "group"),
    draft.channelId ?? named(id, "1"),
  ];
  const channel = draft.channel ?? fitting.join(".");
  if (!matchesPattern(binding, channel)) {
    throw refused(`the function is bound to ${binding}, and never runs for ${channel}`);
  }
  const parts = parseChannelName(channel);
  const { platform: ofPlatform = parts.platform } = draft;
  const { channelType = parts.type, channelId = parts.id } = draft;
  if (`${ofPlatform}.${channelType}.${channelId}` !== channel) {
    throw refused(`the channel is ${channel}; leave platform, channelType and channelId out`);
  }
  return { channel, platform: parts.platform, channelType: parts.type, channelId: parts.id };
}

function named(token: string, otherwise: string): string {
  return token === "*" ? otherwise : token;
}

function completePublish(
  bound: Bound,
  draft: PublishDraft,
  defaults: Defaults,
): Omit<MessageEventInput, "trace" | "attempt"> | Omit<DataEventInput, "trace" | "attempt"> {
  const kind = kindOf(bound, draft);
  const { id = defaults.id, sender = "account:bob", message = "Hello", data = null } = draft;
  const base = { ...completeChannel(bound, draft, defaults), id, sender };
  if (kind === "data") return { ...base, kind, data: copy(data, "data") };
  const target = kind === "edit" ? { target: draft.target ?? "message-1" } : {};
  return { ...base, kind, ...target, message: completeMessage(message) };
}

function kindOf({ options }: Bound, { kind, message, data, target }: PublishDraft): PublishKind {
  const kinds = options.kinds ?? ["message", "edit"];
  const [first = "message"] = kinds;
  const meant = kind ?? guessKind(message, data, target) ?? first;
  if (!kinds.includes(meant)) {
    throw refused(
      `the function is run for the kinds ${kinds.join(", ")}, not for ${meant}; its option kinds says so`,
    );
  }
  const isData = meant === "data";
  if (isData && message !== undefined) throw refused("data has no message; give data instead");
  if (!isData && data !== undefined)
    throw refused(`a ${meant} has no data; give a message instead`);
  if (meant === "edit" || target === undefined) return meant;
  throw refused(`only an edit has a target, not a ${meant}`);
}

function guessKind(message: unknown, data: unknown, target: unknown): PublishKind | undefined {
  if (target !== undefined) return "edit";
  if (data !== undefined) return "data";
  return message === undefined ? undefined : "message";
}

function completeMessage(given: string | Partial<FunctionMessage>): FunctionMessage {
  const message = typeof given === "string" ? { text: given } : copy(given, "message");
  return toFunctionMessage(refusing(() => fromFunctionMessage(message)));
}

function completeStored(
  { offset = 1, at, timetoken }: StoredDraft,
  { now }: Defaults,
): StoredInput {
  const when = at ?? now;
  return { offset, at: when, timetoken: timetoken ?? formatTimetoken(when, 0) };
}

function completeSignal(
  bound: Bound,
  draft: SignalDraft,
  defaults: Defaults,
): Omit<SignalEventInput, "trace" | "attempt"> {
  const { kind = "typing", accountId = "bob", client = "client-1", data = null } = draft;
  const channel = completeChannel(bound, draft, defaults);
  return { ...channel, kind, accountId, client, data: copy(data, "data") };
}

function completePresence(
  bound: Bound,
  draft: PresenceDraft,
  defaults: Defaults,
): Omit<PresenceEventInput, "trace" | "attempt"> {
  const { action = "join", accountId = "bob", client = "client-1" } = draft;
  return { ...completeChannel(bound, draft, defaults), action, accountId, client };
}

function completeSchedule(
  _bound: Bound,
  { scheduledAt }: ScheduleDraft,
  { now }: Defaults,
): Omit<ScheduleEventInput, "trace" | "attempt"> {
  return { scheduledAt: scheduledAt ?? now };
}

/** As it arrives at a server: what a function changes of it is not what was given. */
function copy(value: unknown, what: string): unknown {
  return JSON.parse(refusing(() => toJson(value, what)));
}
