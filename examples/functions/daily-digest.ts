import { onCron } from "@anywire/functions";
import { countsOfDay } from "./shared/message-counts.ts";

const DAY_MS = 24 * 3_600_000;

/** Tells the team each morning how much was said the day before, by what `count-messages` has counted. */
export default onCron("0 7 * * *", async ({ scheduledAt }, { kv, log, platform, publish }) => {
  const yesterday = countsOfDay(scheduledAt - DAY_MS);
  const keys = await kv.list({ prefix: yesterday });
  const counts = await Promise.all(
    keys.map(async (key) => ({
      type: key.slice(yesterday.length),
      count: (await kv.get<number>(key)) ?? 0,
    })),
  );
  const sum = counts.reduce((all, { count }) => all + count, 0);
  if (sum === 0) return log.info("nothing was said yesterday");
  const byType = counts.map(({ type, count }) => `${count} ${type}`).join(", ");
  await publish(`${platform}.group.team`, `Messages yesterday: ${sum} (${byType})`);
});
