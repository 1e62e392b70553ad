import type { StateChange } from "../ports/state-store.ts";
import { ACCOUNT, CHANNEL, MEMBERSHIP } from "./state-key.ts";

/**
 * Whom a change concerns, by what they follow: the channel that the entry stands on, the channel that it changed, and
 * the notification channels of the accounts whose side of it, or who themselves, changed.
 */
export function changeTopics({ entry, items }: StateChange): ReadonlySet<string> {
  const topics = new Set([entry.channel]);
  for (const { partition, sort } of items) {
    if (sort === CHANNEL || sort === ACCOUNT || sort.startsWith(MEMBERSHIP)) topics.add(partition);
  }
  return topics;
}
