import { afterPublish } from "@anywire/functions";
import { countsOfDay } from "./shared/message-counts.ts";

const WEEK_MS = 7 * 24 * 3_600_000;

/** Counts what people say, by day and type of channel, for the daily digest. A run that is repeated counts twice, which a digest bears. */
export default afterPublish(
  "*.*.*",
  async ({ at, channelType, sender }, { kv }) => {
    if (sender.startsWith("function:")) return;
    await kv.increment(countsOfDay(at) + channelType, 1, { ttlMs: WEEK_MS });
  },
  { kinds: ["message"] },
);
