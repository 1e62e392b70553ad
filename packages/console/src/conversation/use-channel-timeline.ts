import { useChannel, useTimeline } from "@anywire/client/react";
import type { Timeline, TimelineState } from "@anywire/client/timeline";

/** A larger channel does not tell who comes and goes: that is a lot. */
const MAX_MEMBERS = 100;

/** A channel's timeline, with those who are on it where they are not too many. */
export function useChannelTimeline(channel: string): readonly [TimelineState, Timeline] {
  const count = useChannel(channel)?.participantCount ?? 0;
  return useTimeline(channel, { members: count <= MAX_MEMBERS });
}
