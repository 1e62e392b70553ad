import type { LogEntry, StateItem } from "@anywire/core";
import { isWatched } from "@anywire/core/state";
import { isChannelName } from "@anywire/types";
import type { ChangeBus } from "../shared/change-bus.ts";
import type { FoldedEntry } from "./batch-fold.ts";
import type { Step } from "./projection.ts";

/** Topic of the position, which every node follows. No channel has that name: those have three segments. */
export const POSITION_TOPIC = "position";

/** What is told there: a node that has not heard of the position before has missed something. */
export type PositionNews = Omit<Step, "entries">;

/** What is told on the topic of a channel. */
export type ChangeNews = {
  /** The position before, as in `PositionNews`. */
  readonly from: number;
} & (
  | { readonly entry: LogEntry; readonly items: readonly StateItem[] }
  /** Too large to be told: the listener reads it. */
  | { readonly channel: string; readonly offset: number }
);

/** Characters that one entry may be told in, over all its topics. */
const MAX_TOLD = 400_000;
/** Characters of one text: NATS carries 1 MB. */
const MAX_TEXT = 200_000;

/** Tells all nodes what came into the state, once it is the state's. */
export function tellStep(bus: ChangeBus, { entries, ...news }: Step): void {
  for (const folded of entries) {
    const topics = topicsOf(folded);
    const text = textOf(folded, news.from, topics.size);
    for (const topic of topics) bus.tell(topic, text);
  }
  bus.tell(POSITION_TOPIC, JSON.stringify(news satisfies PositionNews));
}

/** The channels and accounts that an entry concerns: both give partitions their names. */
function topicsOf({ entry, items }: FoldedEntry): Set<string> {
  const partitions = items.map(({ partition }) => partition);
  return new Set([entry.channel, ...partitions.filter(isChannelName)]);
}

function textOf({ entry, items }: FoldedEntry, from: number, topics: number): string {
  const watched = items.filter(({ sort, json }) => json !== undefined && isWatched(sort));
  const parts = watched.map(
    ({ partition, sort, json }) =>
      `{"partition":${JSON.stringify(partition)},"sort":${JSON.stringify(sort)},"value":${json}}`,
  );
  const text = `{"from":${from},"entry":${JSON.stringify(entry)},"items":[${parts.join(",")}]}`;
  if (text.length <= MAX_TEXT && text.length * topics <= MAX_TOLD) return text;
  const { channel, offset } = entry;
  return JSON.stringify({ from, channel, offset } satisfies ChangeNews);
}
