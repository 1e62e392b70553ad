import { afterPublish } from "@anywire/functions";

/** When somebody is there, unless the key `office-hours` says otherwise: full hours, every day. */
const OFFICE_HOURS = { from: 9, to: 17, timeZone: "Europe/London" };
const DAY = 24 * 60;

/** Answers customers who write out of office hours, once on each channel until the office opens. */
export default afterPublish(
  "*.sms.*",
  async ({ channel, sender }, { kv, now, publish }) => {
    // The team are accounts, and functions are functions: neither is answered, so nothing goes in circles.
    if (!sender.startsWith("phone:")) return;
    const hours = (await kv.get<typeof OFFICE_HOURS>("office-hours")) ?? OFFICE_HOURS;
    const minute = minuteOfDay(now(), hours.timeZone);
    if (minute >= hours.from * 60 && minute < hours.to * 60) return;
    const key = `auto-reply.${channel}`;
    if ((await kv.get(key)) !== undefined) return;
    await publish(channel, `Thank you. We are back at ${hours.from}:00 and will answer then.`);
    // Noted last: should this fail, the same message is handled again, and what was published already is not said twice.
    const minutesLeft = (hours.from * 60 - minute + DAY) % DAY || DAY;
    await kv.set(key, true, { ttlMs: minutesLeft * 60_000 });
  },
  { kinds: ["message"] },
);

/** The minute of the day that clocks show in a time zone. */
function minuteOfDay(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, timeStyle: "short" });
  const [hour, minute] = format.format(at).split(":").map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
}
