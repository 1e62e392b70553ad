import type { EntryDraft, SignalDraft } from "@anywire/core";
import { createEntryId, type EntryTrace, type Message, parseChannelName } from "@anywire/types";
import type { EventInputs } from "../../author/events.ts";
import { badResult } from "../../author/function-fault.ts";
import { fromFunctionMessage, toFunctionMessage } from "../../author/function-message.ts";
import type { BeforeTrigger } from "../../author/trigger.ts";

/** Something that functions are run before: how they see it, and how what they say of it changes it. `D` is its draft. */
export interface BeforeSubject<D extends { readonly channel: string }> {
  readonly trigger: BeforeTrigger;
  /** What a function's `kinds` choose from; undefined when it runs for all. */
  kindOf(draft: D): string | undefined;
  /** What led to it. */
  traceOf(draft: D): EntryTrace;
  /** The same when it is sent again. */
  keyOf(draft: D, trace: EntryTrace): string;
  toEvent(draft: D, trace: EntryTrace): EventInputs[BeforeTrigger];
  /**
   * With what a function put in its place.
   * @throws {FunctionFault} `bad_result`
   */
  change(draft: D, changed: unknown): D;
  /**
   * On another channel.
   * @throws {FunctionFault} `bad_result`
   */
  move(draft: D, channel: string): D;
  /** As it goes on once functions have seen it. */
  finish(draft: D, trace: EntryTrace): D;
}

/** Data of an entry of kind `edit`. */
interface EditData {
  readonly target: string;
  readonly message: Message;
}

/** Entries: messages, their edits, and data. */
export function entrySubject(assertFits: (data: unknown) => void): BeforeSubject<EntryDraft> {
  return {
    trigger: "beforePublish",
    kindOf: ({ kind }) => kind,
    traceOf: (draft) => draft.trace ?? { id: draft.id, via: [] },
    keyOf: ({ channel, id }) => `${channel} ${id}`,
    toEvent: (draft, trace) => entryEvent(draft, trace, 1),
    change(draft, changed) {
      if (draft.kind === "data") return { ...draft, dataJson: toFittingJson(changed, assertFits) };
      const message = fromFunctionMessage(changed);
      const data =
        draft.kind === "edit" ? { ...(JSON.parse(draft.dataJson) as EditData), message } : message;
      return { ...draft, dataJson: toFittingJson(data, assertFits) };
    },
    move(draft, channel) {
      if (draft.kind !== "edit") return { ...draft, channel };
      throw badResult("an edit stays on the channel of its message; it cannot be rerouted");
    },
    finish: (draft) => draft,
  };
}

/** Signals. */
export function signalSubject(assertFits: (data: unknown) => void): BeforeSubject<SignalDraft> {
  return {
    trigger: "beforeSignal",
    kindOf: () => undefined,
    // A signal has no id: what follows from it is known by one that is made here.
    traceOf: (draft) => draft.trace ?? { id: createEntryId(), via: [] },
    keyOf: ({ channel }, { id, via }) => `${channel} ${id} ${via.length}`,
    toEvent: (draft, trace) => ({ ...signalEvent(draft), trace, attempt: 1 }),
    change: (draft, changed) => ({ ...draft, dataJson: toFittingJson(changed, assertFits) }),
    move: (draft, channel) => ({ ...draft, channel }),
    finish: (draft, trace) => ({ ...draft, trace }),
  };
}

/** What every event on a channel tells of it. */
export function channelFacts(channel: string): {
  readonly channel: string;
  readonly platform: string;
  readonly channelType: string;
  readonly channelId: string;
} {
  const { platform, type, id } = parseChannelName(channel);
  return { channel, platform, channelType: type, channelId: id };
}

/** An entry of kind `message`, `edit` or `data` as an event. */
export function entryEvent(
  { channel, id, kind, sender, dataJson }: EntryDraft,
  trace: EntryTrace,
  attempt: number,
): EventInputs["beforePublish"] {
  const facts = { ...channelFacts(channel), id, sender, trace, attempt };
  const data: unknown = JSON.parse(dataJson);
  if (kind === "data") return { ...facts, kind, data };
  if (kind === "message") return { ...facts, kind, message: toFunctionMessage(data as Message) };
  const { target, message } = data as EditData;
  return { ...facts, kind: "edit", target, message: toFunctionMessage(message) };
}

function signalEvent({
  channel,
  member,
  kind,
  dataJson,
}: SignalDraft): Omit<EventInputs["beforeSignal"], "trace" | "attempt"> {
  const { client, user } = member;
  return { ...channelFacts(channel), kind, accountId: user, client, data: JSON.parse(dataJson) };
}

function toFittingJson(data: unknown, assertFits: (data: unknown) => void): string {
  try {
    assertFits(data);
    return JSON.stringify(data);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badResult(`what it puts in its place can't be sent: ${why}`, { cause: error });
  }
}
