import type { StateChange, StateWatcher } from "@anywire/core";
import type { ChangeNews, PositionNews } from "./change-news.ts";

/** Reads an entry, and what it wrote, that was too large to be told. */
export type ReadChange = (channel: string, offset: number) => Promise<StateChange>;

/** Tells one watcher what a node hears: each entry once, by growing offset, or that some were missed. */
export class ChangeHearer {
  readonly #watcher: StateWatcher;
  readonly #read: ReadChange;
  /** Offset up to which everything was told, or said to be missed. */
  #told: number;
  /** The position that was heard last. */
  #position: number;
  /** Null while nothing is being read. */
  #queue: Promise<void> | null = null;
  #isStopped = false;

  /** @param position what the watcher reads after this is at least as new */
  constructor(watcher: StateWatcher, read: ReadChange, position: number) {
    this.#watcher = watcher;
    this.#read = read;
    this.#told = position;
    this.#position = position;
  }

  /** An entry that came into the state. It may come on several topics. */
  onChange(news: ChangeNews): void {
    const offset = "entry" in news ? news.entry.offset : news.offset;
    if (offset <= this.#told) return;
    this.#goOnFrom(news.from);
    this.#told = offset;
    this.#inOrder(() => {
      if (!("entry" in news)) return this.#readAndTell(news.channel, offset);
      this.#watcher.onChange({ entry: news.entry, items: news.items });
    });
  }

  /** The position moved, once all entries of the move were told. */
  onPosition({ from, position }: Pick<PositionNews, "from" | "position">): void {
    if (position <= this.#position) return;
    this.#goOnFrom(from);
    this.#position = position;
    this.#told = Math.max(this.#told, position);
  }

  /** Resolves once what was heard before is told. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  /** Something may have been lost on the way. */
  onMissed(): void {
    this.#inOrder(() => {
      this.#watcher.onMissed?.();
    });
  }

  /** Tells nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** What is between the position that was heard last and this one was lost, or comes too late. */
  #goOnFrom(from: number): void {
    if (from <= this.#position) return;
    this.onMissed();
    this.#position = from;
    this.#told = Math.max(this.#told, from);
  }

  async #readAndTell(channel: string, offset: number): Promise<void> {
    try {
      const change = await this.#read(channel, offset);
      if (!this.#isStopped) this.#watcher.onChange(change);
    } catch {
      // The watcher reads anew what it needs, and hears of the failure there.
      if (!this.#isStopped) this.#watcher.onMissed?.();
    }
  }

  /** What is told while something is being read waits for it. */
  #inOrder(tell: () => void | Promise<void>): void {
    if (this.#isStopped) return;
    if (this.#queue === null) {
      const telling = tell();
      if (telling !== undefined) this.#hold(telling);
    } else {
      this.#hold(this.#queue.then(() => (this.#isStopped ? undefined : tell())));
    }
  }

  #hold(queue: Promise<void>): void {
    this.#queue = queue;
    void queue.then(() => {
      if (this.#queue === queue) this.#queue = null;
    });
  }
}
