import type { Message } from "@anywire/types";
import type { BeforePublish } from "../pipeline/pipeline.ts";
import type { EntryDraft } from "../ports/log.ts";
import type { StateStore } from "../ports/state-store.ts";
import type { ChannelDocument, MessageDocument } from "../state/documents.ts";
import { foldMessage } from "../state/fold-message.ts";
import { channelKey, messageKey } from "../state/state-key.ts";
import { StateBuffer } from "../state/state-view.ts";

/** What refusing early needs to know. */
export interface EarlyRefusalOptions {
  readonly state: Pick<StateStore, "get">;
  /** Whether a channel is archived, if that is at hand. */
  readonly isArchived: (channel: string) => boolean | undefined;
}

/**
 * Refuses a message that the fold would refuse, before it is in the log: for a state that comes along after the log, where it
 * would stay and change nothing. What changes between here and there is decided by the fold alone.
 */
export function createEarlyRefusal({ state, isArchived }: EarlyRefusalOptions): BeforePublish {
  return (draft) => {
    if (draft.kind !== "message") return draft;
    const { thread } = JSON.parse(draft.dataJson) as Message;
    if (thread === undefined && isArchived(draft.channel) === false) return draft;
    return refuse(state, draft, thread);
  };
}

async function refuse(
  state: Pick<StateStore, "get">,
  draft: EntryDraft,
  thread: string | undefined,
): Promise<EntryDraft> {
  const keys = [channelKey(draft.channel)];
  const { values } = await state.get(
    thread === undefined ? keys : [...keys, messageKey(draft.channel, thread)],
  );
  const [channel, parent] = values as [ChannelDocument | undefined, MessageDocument | undefined];
  const view = new StateBuffer({
    read: (_partition, sort) => {
      if (sort === channelKey(draft.channel).sort) return channel;
      return thread !== undefined && sort === messageKey(draft.channel, thread).sort
        ? parent
        : undefined;
    },
    list: () => [],
  });
  foldMessage(view, { ...draft, offset: Number.MAX_SAFE_INTEGER, at: 0 });
  return draft;
}
