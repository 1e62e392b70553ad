import type { AnywireClient } from "../client.ts";
import { createTimeline, type Timeline, type TimelineOptions } from "../timeline/timeline.ts";

/** One timeline for each channel, however many components show it: open as long as one does. */
export class SharedTimelines {
  readonly #client: AnywireClient;
  readonly #shown = new Map<string, Timeline>();
  readonly #uses = new WeakMap<Timeline, number>();

  constructor(client: AnywireClient) {
    this.#client = client;
  }

  /** The timeline of a channel, open or not; the options are those of whoever asks first. */
  of(channel: string, options?: TimelineOptions): Timeline {
    const known = this.#shown.get(channel);
    if (known !== undefined) return known;
    const timeline = createTimeline(this.#client, channel, options);
    this.#shown.set(channel, timeline);
    return timeline;
  }

  /** Keeps a timeline open until the returned function is called. */
  use(timeline: Timeline): () => void {
    const uses = this.#uses.get(timeline) ?? 0;
    this.#uses.set(timeline, uses + 1);
    this.#shown.set(timeline.channel.name, timeline);
    // Where it is open still, because of its outbox, this is a no-op.
    if (uses === 0) timeline.open();
    return () => {
      const left = (this.#uses.get(timeline) ?? 1) - 1;
      this.#uses.set(timeline, left);
      if (left === 0) this.#end(timeline);
    };
  }

  /** Goes on until what was written is sent or refused; what was refused is still shown when somebody looks again. */
  #end(timeline: Timeline): void {
    const look = (): void => {
      const isUsed = (this.#uses.get(timeline) ?? 0) > 0;
      const { outbox } = timeline.getState();
      if (!isUsed && outbox.some(({ error }) => error === undefined)) return;
      stop();
      if (isUsed) return;
      timeline.close();
      if (outbox.length === 0) this.#shown.delete(timeline.channel.name);
    };
    const stop = timeline.subscribe(look);
    look();
  }
}
