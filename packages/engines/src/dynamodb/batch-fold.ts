import type { LogEntry, Refusal, StateAddress, StateItem } from "@anywire/core";
import { foldEntry, StateBuffer, type StateSource, touchedItems } from "@anywire/core/state";
import { AnywireError } from "@anywire/types";
import { compareUtf8 } from "../shared/compare-utf8.ts";
import { ABSENT, itemName, KnownItem, type KnownItems } from "./known-items.ts";

/** Where a fold finds what it does not know. */
export interface FoldSource {
  /** Items at these addresses, in their order. */
  get(addresses: readonly StateAddress[]): Promise<readonly KnownItem[]>;
  /** All items of a partition whose `sort` begins with the prefix. */
  list(
    partition: string,
    prefix: string,
  ): Promise<readonly (StateAddress & { readonly item: KnownItem })[]>;
}

/** One item that a batch writes, at its last version. */
export interface FoldedWrite extends StateAddress {
  readonly item: KnownItem;
  /** What it replaces, when the fold has looked at it. */
  readonly old: KnownItem;
}

/** What one entry wrote. */
export interface FoldedEntry {
  readonly entry: LogEntry;
  readonly items: readonly (StateAddress & { readonly json: string | undefined })[];
}

/** An entry that the fold refused: it changes nothing. */
export interface RefusedEntry extends Refusal {
  readonly offset: number;
}

/** What a batch of entries does to the state. */
export interface Folded {
  /** By name; the last version of each item. */
  readonly writes: ReadonlyMap<string, FoldedWrite>;
  /** Entries that changed something. */
  readonly entries: readonly FoldedEntry[];
  readonly refused: readonly RefusedEntry[];
}

/** Entries beyond one that lacks something whose needs are looked up with it. */
const LOOK_AHEAD = 256;

/** Folds entries in order, and finds out by folding what has to be read for it. */
export async function foldBatch(
  entries: readonly LogEntry[],
  known: KnownItems,
  source: FoldSource,
): Promise<Folded> {
  const fold = new BatchFold(known, source);
  for (const entry of entries) fold.expect(entry);
  await fold.load();
  for (const [i, entry] of entries.entries()) {
    while (!fold.apply(entry)) {
      for (const next of entries.slice(i + 1, i + LOOK_AHEAD)) fold.peek(next);
      await fold.load();
    }
  }
  return fold;
}

class BatchFold implements StateSource, Folded {
  readonly writes = new Map<string, FoldedWrite>();
  readonly entries: FoldedEntry[] = [];
  readonly refused: RefusedEntry[] = [];
  readonly #known: KnownItems;
  readonly #source: FoldSource;
  /** What this batch has looked at: kept until its end, whatever is forgotten meanwhile. */
  readonly #base = new Map<string, KnownItem>();
  readonly #listed = new Map<string, readonly StateAddress[]>();
  readonly #lacking = new Map<string, StateAddress>();
  readonly #lackingLists = new Map<
    string,
    { readonly partition: string; readonly prefix: string }
  >();

  constructor(known: KnownItems, source: FoldSource) {
    this.#known = known;
    this.#source = source;
  }

  /** Notes what an entry will most likely need. */
  expect(entry: LogEntry): void {
    try {
      // Whatever it looks at is there, so that it looks further.
      touchedItems(entry, { read: (partition, sort) => this.read(partition, sort) ?? {} });
    } catch {
      // Its data is none: the fold will refuse it.
    }
  }

  /** Notes what an entry needs, as far as can be seen from here. */
  peek(entry: LogEntry): void {
    refusalOf(new StateBuffer(this), entry);
  }

  /** Folds an entry. False when something has to be loaded before; nothing has changed then. */
  apply(entry: LogEntry): boolean {
    const buffer = new StateBuffer(this);
    const refusal = refusalOf(buffer, entry);
    if (this.#lacking.size > 0 || this.#lackingLists.size > 0) return false;
    if (refusal !== null) this.refused.push({ offset: entry.offset, ...refusal });
    if (refusal !== null || buffer.size === 0) return true;
    const items = [...buffer.writes].map(({ partition, sort, value }) => {
      return { partition, sort, json: value === undefined ? undefined : JSON.stringify(value) };
    });
    for (const { partition, sort, json } of items) {
      const name = itemName({ partition, sort });
      const item = new KnownItem({ version: entry.offset, json });
      this.writes.set(name, { partition, sort, item, old: this.#baseOf(name) ?? ABSENT });
    }
    this.entries.push({ entry, items });
    return true;
  }

  /** Reads what was noted. */
  async load(): Promise<void> {
    const lacking = [...this.#lacking.values()];
    const lists = [...this.#lackingLists];
    this.#lacking.clear();
    this.#lackingLists.clear();
    const [items] = await Promise.all([
      this.#source.get(lacking),
      ...lists.map(async ([name, { partition, prefix }]) => {
        const found = await this.#source.list(partition, prefix);
        for (const one of found) this.#learn(itemName(one), one.item);
        this.#listed.set(name, found);
      }),
    ]);
    for (const [i, address] of lacking.entries()) {
      this.#learn(itemName(address), items[i] ?? ABSENT);
    }
  }

  read(partition: string, sort: string): unknown {
    const name = itemName({ partition, sort });
    const item = this.writes.get(name)?.item ?? this.#baseOf(name);
    if (item === undefined) this.#lacking.set(name, { partition, sort });
    return item?.value;
  }

  list(partition: string, prefix: string, limit: number): readonly StateItem[] {
    const name = itemName({ partition, sort: prefix });
    const listed = this.#listed.get(name);
    if (listed === undefined) {
      this.#lackingLists.set(name, { partition, prefix });
      return [];
    }
    const isMeant = (one: StateAddress): boolean =>
      one.partition === partition && one.sort.startsWith(prefix);
    const written = [...this.writes.values()].filter(isMeant);
    return [...new Set([...listed, ...written].map(({ sort }) => sort))]
      .sort(compareUtf8)
      .map((sort) => ({ partition, sort, value: this.read(partition, sort) }))
      .filter(({ value }) => value !== undefined)
      .slice(0, limit);
  }

  #learn(name: string, item: KnownItem): void {
    this.#base.set(name, item);
    this.#known.set(name, item);
  }

  #baseOf(name: string): KnownItem | undefined {
    const pinned = this.#base.get(name);
    if (pinned !== undefined) return pinned;
    const item = this.#known.get(name);
    if (item !== undefined) this.#base.set(name, item);
    return item;
  }
}

/** Why the fold refuses the entry, as it does on every node; null when it does not. */
function refusalOf(buffer: StateBuffer, entry: LogEntry): Refusal | null {
  try {
    foldEntry(buffer, entry);
    return null;
  } catch (error) {
    if (error instanceof AnywireError) return { code: error.code, message: error.message };
    const { kind, channel } = entry;
    return { code: "internal", message: `folding ${kind} of ${channel} failed: ${error}` };
  }
}
