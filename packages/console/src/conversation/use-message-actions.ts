import { useClient } from "@anywire/client/react";
import type { Timeline, TimelineMessage } from "@anywire/client/timeline";
import type { MessagePart } from "@anywire/types";
import { useMemo, useState } from "react";
import type { Intent } from "./intent.ts";

/** What can be done with a message. */
export interface MessageActions {
  /** Begins an answer, or an edit of one's own. */
  begin(intent: Intent): void;
  /** Puts a reaction on, or takes one's own off again. */
  react(message: TimelineMessage, emoji: string): void;
  /** Deletes it for everyone, as far as it can be taken back. */
  remove(message: TimelineMessage): void;
  /** Sends a refused message once more. */
  retry(id: string): void;
  /** Gives a refused message up. */
  discard(id: string): void;
  /** Sends a delivery that failed once more over its network. */
  sendAgain(delivery: string): void;
}

/** What is being done with messages of a channel. */
export interface MessageWork {
  readonly actions: MessageActions;
  readonly intent: Intent | undefined;
  /** Why the last thing that was done did not work. */
  readonly problem: string | undefined;
  /** Sends what was written and attached, as the intent says: at least one of both, and in an edit only text. */
  submit(text: string, parts: readonly MessagePart[]): void;
  /** Gives the intent up. */
  cancel(): void;
}

/** Answers, edits, deletes and reacts on a channel. */
export function useMessageActions(timeline: Timeline): MessageWork {
  const client = useClient();
  const [intent, setIntent] = useState<Intent>();
  const [problem, setProblem] = useState<string>();

  const actions = useMemo((): MessageActions => {
    const { name: channel } = timeline.channel;
    const attempt = (work: Promise<unknown>): void => {
      setProblem(undefined);
      work.catch((thrown: Error) => setProblem(`That did not work: ${thrown.message}.`));
    };
    return {
      begin: setIntent,
      react({ id, reactions }, emoji) {
        const isMine = reactions.some((reaction) => reaction.emoji === emoji && reaction.mine);
        const method = isMine ? "reaction.remove" : "reaction.add";
        attempt(client.call(method, { channel, id, emoji }));
      },
      remove: ({ id }) => attempt(client.call("message.delete", { channel, id })),
      retry: (id) => timeline.retry(id),
      discard: (id) => timeline.discard(id),
      sendAgain: (id) => attempt(client.call("delivery.retry", { id })),
    };
  }, [client, timeline]);

  const edit = ({ id, data }: TimelineMessage, text: string): void => {
    setProblem(undefined);
    client
      .call("message.edit", { ...data, channel: timeline.channel.name, id, text })
      .catch((thrown: Error) => setProblem(`Not edited: ${thrown.message}.`));
  };
  const submit: MessageWork["submit"] = (text, parts) => {
    setIntent(undefined);
    if (intent?.kind === "edit") return edit(intent.message, text);
    timeline.send({
      ...(text !== "" && { text }),
      ...(parts.length > 0 && { parts: [...parts] }),
      ...(intent !== undefined && { replyTo: intent.message.id }),
    });
  };
  return { actions, intent, problem, submit, cancel: () => setIntent(undefined) };
}
