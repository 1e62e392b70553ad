import { createMemoryLog, createMemoryPresence } from "@anywire/engines/memory";
import type { LogEntry } from "../ports/log.ts";
import { EMPTY_FEED } from "./empty-feed.fixture.ts";
import { Hub, type HubOptions } from "./hub.ts";
import { RecordingSubscriber } from "./recording-subscriber.fixture.ts";
import { SlowLog, type SlowStep } from "./slow-log.fixture.ts";

/** The channel that most tests are about. */
export const LOBBY = "p.group.lobby";

interface Setup extends Partial<HubOptions> {
  /** What each step of the log waits for. */
  readonly wait?: (step: SlowStep) => Promise<void>;
}

/** A hub on a memory log whose steps can be held up. */
export async function setUp({ wait = async () => {}, ...options }: Setup = {}) {
  const memory = createMemoryLog();
  const log = new SlowLog(memory, wait);
  const presence = createMemoryPresence();
  await Promise.all([log.start(), presence.start()]);
  const bounds = {
    ringSize: 100,
    ringBytes: 1_000_000,
    pageSize: 10,
    idleTopics: 10,
    maxJoinListeners: 100,
  };
  const hub = new Hub({ log, presence, feed: EMPTY_FEED, ...bounds, ...options });
  hub.start();
  let sent = 0;
  /** Appends entries to a channel; resolves with the last, once the hub has been told of it. */
  const say = async (channel = LOBBY, count = 1): Promise<LogEntry> => {
    let last: LogEntry | undefined;
    for (let i = 0; i < count; i += 1) {
      sent += 1;
      const draft = { channel, id: `m-${sent}`, sender: "account:bob", dataJson: "1" };
      last = (await memory.append({ ...draft, kind: "data" })).entry;
    }
    await log.tailed();
    return last as LogEntry;
  };
  return { log, memory, presence, hub, say, subscriber: () => new RecordingSubscriber(hub) };
}

/** Something to wait for, and what lets it go. */
export function latch(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
