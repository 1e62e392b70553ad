import type { ConsumerOptions, LogEntry } from "@anywire/core";
import type { ConsumerSource } from "./consumer-source.ts";
import type { ParkedChannel } from "./consumer-store.ts";

/** Entries of a channel that are read at once. */
export const CATCH_UP_ENTRIES = 64;

/**
 * Why a channel is apart: an entry of it failed and waits, or more of it waited than one channel may
 * keep in memory. Either way it is worked off by reading the log from `from` on.
 */
export interface Parking {
  /** Offset of the first entry that is not done. */
  from: number;
  /** Failed attempts at that entry. */
  attempts: number;
  /** When to go on, milliseconds since the Unix epoch. */
  dueAt: number;
  /** Offset of the last entry that the feed brought and the lane let pass, to be read later. */
  passedTo: number;
  /** Whether it may be worked now. */
  isDue: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Something to do between two entries of a channel. */
export interface LaneJob {
  run(): Promise<void>;
  cancel(): void;
}

/** What a consumer has to do in one channel, one thing at a time. */
export class Lane {
  readonly channel: string;
  /** Entries that are not done, oldest first; the one being handled stays until it is. */
  readonly queue: LogEntry[] = [];
  readonly jobs: LaneJob[] = [];
  parking: Parking | null = null;
  /** Offset of the last entry that was foreseen or handed over, with all before it. */
  foreseenTo = -1;
  isBusy = false;

  constructor(channel: string) {
    this.channel = channel;
  }

  get hasWork(): boolean {
    return this.jobs.length > 0 || this.queue.length > 0 || this.parking?.isDue === true;
  }

  /** Tells of entries that follow one another, as far as it was told of those before them, and there is room. */
  foresee(entries: Iterable<LogEntry>, tell: ConsumerOptions["foresee"]): void {
    if (tell === undefined) return;
    for (const entry of entries) {
      if (entry.offset <= this.foreseenTo) continue;
      if (entry.previousOffset !== this.foreseenTo || !tell(entry)) return;
      this.foreseenTo = entry.offset;
    }
  }

  /** Tells of what is in the log up to an offset, as far as there is room. */
  async foreseeTo(
    offset: number,
    source: ConsumerSource,
    tell: ConsumerOptions["foresee"],
  ): Promise<void> {
    for (let last = -1; tell !== undefined && last < this.foreseenTo; ) {
      last = this.foreseenTo;
      const page = await source.read({
        ...{ pattern: this.channel, after: last, before: offset + 1 },
        ...{ limit: CATCH_UP_ENTRIES, order: "asc" },
      });
      this.foresee(page.entries, tell);
    }
  }

  /** What to store about the lane; null when it goes along with the others. */
  toParkedChannel(): ParkedChannel | null {
    if (this.parking === null) return null;
    const { attempts, dueAt } = this.parking;
    return {
      channel: this.channel,
      from: this.queue[0]?.offset ?? this.parking.from,
      attempts,
      dueAt,
    };
  }
}
