import type { Appended, EntryDraft, LogEntry } from "@anywire/core";
import { ChannelWriter, type WriterParts } from "./channel-writer.ts";

/** Writers that are kept for when their channel is next appended to, and ids that they may keep together before they fade. */
const MAX_WRITERS = 20_000;
const MAX_IDS = 500_000;
/** What is left of them when there are too many: who was not used for longest fades first, and goes first. */
const KEPT_SHARE = 0.9;

interface Kept {
  readonly writer: ChannelWriter;
  /** Grows with each use of any writer. */
  usedAt: number;
  /** Its share of all ids, as last counted. */
  ids: number;
}

/** The writers of the channels that were appended to of late. */
export class ChannelWriters {
  readonly #parts: WriterParts;
  readonly #kept = new Map<string, Kept>();
  readonly #maxIds: number;
  /** From how many ids on memory is saved: more than it should be while some of them can't be let go. */
  #limit: number;
  #ids = 0;
  #uses = 0;

  constructor(parts: WriterParts, maxIds: number = MAX_IDS) {
    this.#parts = parts;
    this.#maxIds = maxIds;
    this.#limit = maxIds;
  }

  append(draft: EntryDraft): Promise<Appended> {
    return this.#writer(draft.channel).append(draft);
  }

  /** An entry that the tail has shown. */
  heard(entry: LogEntry): void {
    const kept = this.#kept.get(entry.channel);
    if (kept === undefined) return;
    kept.writer.heard(entry);
    this.#onLearned(kept);
  }

  /** Another node can't get its turn at a channel. */
  holdBack(channel: string): void {
    this.#kept.get(channel)?.writer.holdBack();
  }

  /** The log may have lost its last entries. */
  forget(): void {
    for (const { writer } of this.#kept.values()) writer.forget();
  }

  #writer(channel: string): ChannelWriter {
    this.#uses += 1;
    const kept = this.#kept.get(channel);
    if (kept !== undefined) {
      kept.usedAt = this.#uses;
      return kept.writer;
    }
    const writer = this.#create(channel);
    this.#kept.set(channel, { writer, usedAt: this.#uses, ids: 0 });
    return writer;
  }

  #create(channel: string): ChannelWriter {
    return new ChannelWriter(channel, this.#parts, () => {
      const kept = this.#kept.get(channel);
      if (kept !== undefined) this.#onLearned(kept);
    });
  }

  #onLearned(kept: Kept): void {
    this.#count(kept);
    if (this.#kept.size <= MAX_WRITERS && this.#ids <= this.#limit) return;
    this.#saveMemory();
    this.#limit = Math.max(this.#maxIds, this.#ids + this.#maxIds * (1 - KEPT_SHARE));
  }

  #count(kept: Kept): void {
    const { size } = kept.writer.ids;
    this.#ids += size - kept.ids;
    kept.ids = size;
  }

  /** Writers fade as long as that is enough: one that is let go has to read a day of its channel when it is used again. */
  #saveMemory(): void {
    const byUse = [...this.#kept].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    const mostIds = this.#maxIds * KEPT_SHARE;
    for (const [, kept] of byUse) {
      if (this.#ids <= mostIds) break;
      kept.writer.fade();
      this.#count(kept);
    }
    let faded = byUse.reduce((sum, [, { writer }]) => sum + writer.ids.fadedSize, 0);
    for (const [channel, { writer, ids }] of byUse) {
      if (this.#kept.size <= MAX_WRITERS * KEPT_SHARE && faded <= mostIds) return;
      if (writer.isBusy) continue;
      this.#kept.delete(channel);
      this.#ids -= ids;
      faded -= writer.ids.fadedSize;
    }
  }
}
