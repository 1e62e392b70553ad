import type { ChannelFeed } from "./channel-feed.ts";

/** A feed that nothing comes from. */
export const EMPTY_FEED: ChannelFeed = {
  open: async () => 0,
  close: () => {},
  read: async () => ({ entries: [], hasMore: false }),
};
