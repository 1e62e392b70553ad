import { useEffect } from "react";
import { useChannelTimeline } from "../conversation/use-channel-timeline.ts";

/** Keeps a channel that one has left open until what was written there is sent, or refused. */
export function KeepSending({
  channel,
  onSent,
}: {
  readonly channel: string;
  readonly onSent: (channel: string) => void;
}): null {
  const [{ outbox }] = useChannelTimeline(channel);
  const isSending = outbox.some(({ error }) => error === undefined);
  useEffect(() => {
    if (!isSending) onSent(channel);
  }, [isSending, channel, onSent]);
  return null;
}
