import type { Log, LogPage, RebuildProgress } from "@anywire/core";
import type { DynamodbTable } from "./dynamodb-table.ts";
import { isInLog } from "./log-place.ts";
import {
  beginGeneration,
  freeze,
  giveUpGeneration,
  otherGenerations,
  readMeta,
  replaceState,
  unfreeze,
} from "./meta-rows.ts";
import type { StatePosition } from "./position-row.ts";
import { PositionRow } from "./position-row.ts";
import { Projection } from "./projection.ts";

const PAGE = 1_000;
/** Characters of data in one page. */
const PAGE_LENGTH = 4_000_000;
const PAUSE_MS = 50;

/** What a rebuild needs. */
export interface RebuildOptions {
  readonly table: DynamodbTable;
  readonly log: Pick<Log, "read" | "head">;
  readonly onProgress: (progress: RebuildProgress) => void;
}

/** What came of a rebuild. */
export interface Rebuilt {
  readonly progress: RebuildProgress;
  readonly live: StatePosition;
}

/**
 * Makes the state again as the next generation, and puts it in the place of the present one. One that died is taken up
 * where it stopped; of two at the same time, both work on the same generation and one puts it in place. A log that has
 * lost entries since makes a state that is behind the present one.
 */
export async function rebuildState(options: RebuildOptions): Promise<Rebuilt> {
  const rebuild = new StateRebuild(options);
  try {
    return await rebuild.run();
  } catch (error) {
    await rebuild.letGo();
    throw error;
  }
}

class StateRebuild {
  readonly #table: DynamodbTable;
  readonly #options: RebuildOptions;
  readonly #token: string = crypto.randomUUID();
  #projection: Projection | null = null;
  #entries = 0;

  constructor(options: RebuildOptions) {
    this.#options = options;
    this.#table = options.table;
  }

  async run(): Promise<Rebuilt> {
    let { generation: old } = await readMeta(this.#table);
    let generation = await this.#claim(old);
    for (;;) {
      const page = await this.#foldPage(generation);
      if (page === null) {
        const live = await readMeta(this.#table);
        // Another rebuild of the same generation was faster.
        if (live.generation >= generation) return this.#rebuilt(live);
        old = live.generation;
        generation = await this.#claim(old);
      } else if (!page.hasMore && (await this.#replace(old, generation))) {
        return this.#rebuilt(await readMeta(this.#table));
      }
    }
  }

  /** Lets the state move on, as far as can be. */
  async letGo(): Promise<void> {
    // Projectors let go of what nobody holds any more, only later.
    await unfreeze(this.#table, this.#token).catch(() => {});
  }

  /** The generation to make: one that was begun, or the next. */
  async #claim(live: number): Promise<number> {
    const others = await otherGenerations(this.#table);
    const begun = others.find(
      ({ generation, retiredAt }) => generation > live && retiredAt === undefined,
    );
    if (begun !== undefined) return begun.generation;
    const next = Math.max(live, ...others.map(({ generation }) => generation)) + 1;
    await beginGeneration(this.#table, next);
    return next;
  }

  /** Null when the generation is no longer being made. */
  async #foldPage(generation: number): Promise<LogPage | null> {
    const projection = this.#projection ?? (await this.#begin(generation));
    if (projection === null) return null;
    const page = await this.#options.log.read({
      pattern: ">",
      after: projection.position,
      limit: PAGE,
      maxLength: PAGE_LENGTH,
      order: "asc",
    });
    this.#projection = null;
    const projected = await projection.project(page.entries);
    // Otherwise another rebuild has come further; the next page begins there.
    if (projected === null) return { entries: [], hasMore: true };
    this.#projection = projection;
    this.#entries += page.entries.length;
    await this.#tell(projection.position);
    return page;
  }

  async #begin(generation: number): Promise<Projection | null> {
    const row = PositionRow.building(this.#table, generation);
    const facts = await row.read();
    if (facts === undefined) return null;
    if (!(await isInLog(this.#options.log, facts))) {
      // It was begun from entries that the log has lost.
      await giveUpGeneration(this.#table, generation);
      return null;
    }
    this.#entries = facts.entries;
    return new Projection(this.#table, row, facts);
  }

  /** Holds the state still, folds the rest, and puts the new generation in its place. False when it has to go on first. */
  async #replace(old: number, generation: number): Promise<boolean> {
    if (!(await freeze(this.#table, old, this.#token))) {
      // Another rebuild holds it; it may be done, or have died.
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      return (await readMeta(this.#table)).generation >= generation;
    }
    const { position } = await readMeta(this.#table);
    // Up to there, unless the log has lost its end: what it has is the state then.
    for (let hasMore = true; hasMore && (this.#projection?.position ?? 0) < position; ) {
      const page = await this.#foldPage(generation);
      if (page === null) return false;
      hasMore = page.hasMore;
    }
    const projection = this.#projection;
    if (projection === null) return false;
    await projection.settled();
    // False when it took too long over it, and the projector goes on: once more.
    return await replaceState(this.#table, old, {
      generation,
      position: projection.position,
      mark: projection.mark,
      entries: this.#entries,
      token: this.#token,
    });
  }

  async #rebuilt(live: StatePosition): Promise<Rebuilt> {
    const progress = await this.#tell(Math.max(live.position, this.#projection?.position ?? 0));
    return { progress, live };
  }

  async #tell(offset: number): Promise<RebuildProgress> {
    const head = await this.#options.log.head(">");
    const progress = { entries: this.#entries, offset, head: Math.max(head, offset) };
    this.#options.onProgress(progress);
    return progress;
  }
}
