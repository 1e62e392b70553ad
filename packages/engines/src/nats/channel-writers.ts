import type { Appended, EntryDraft, LogEntry } from "@anywire/core";
import { ChannelWriter, type WriterParts } from "./channel-writer.ts";

/** Writers that are kept for when their channel is next appended to, and ids that they may keep together. */
const MAX_WRITERS = 20_000;
const MAX_IDS = 500_000;

interface Kept {
  readonly writer: ChannelWriter;
  /** Its share of all ids, as last counted. */
  ids: number;
}

/** The writers of the channels that were appended to of late. */
export class ChannelWriters {
  readonly #parts: WriterParts;
  /** Used longest ago first. */
  readonly #kept = new Map<string, Kept>();
  readonly #maxIds: number;
  #ids = 0;

  constructor(parts: WriterParts, maxIds: number = MAX_IDS) {
    this.#parts = parts;
    this.#maxIds = maxIds;
  }

  append(draft: EntryDraft): Promise<Appended> {
    return this.#writer(draft.channel).append(draft);
  }

  /** An entry that the tail has shown. */
  heard(entry: LogEntry): void {
    this.#kept.get(entry.channel)?.writer.heard(entry);
  }

  /** The log may have lost its last entries. */
  forget(): void {
    for (const { writer } of this.#kept.values()) writer.forget();
  }

  #writer(channel: string): ChannelWriter {
    let kept = this.#kept.get(channel);
    if (kept === undefined) kept = { writer: this.#create(channel), ids: 0 };
    else this.#kept.delete(channel);
    this.#kept.set(channel, kept);
    return kept.writer;
  }

  #create(channel: string): ChannelWriter {
    return new ChannelWriter(channel, this.#parts, () => {
      const kept = this.#kept.get(channel);
      if (kept === undefined) return;
      this.#ids += kept.writer.size - kept.ids;
      kept.ids = kept.writer.size;
      this.#evict();
    });
  }

  #evict(): void {
    for (const [channel, { writer, ids }] of this.#kept) {
      if (this.#kept.size <= MAX_WRITERS && this.#ids <= this.#maxIds) return;
      if (writer.isBusy) continue;
      this.#kept.delete(channel);
      this.#ids -= ids;
    }
  }
}
