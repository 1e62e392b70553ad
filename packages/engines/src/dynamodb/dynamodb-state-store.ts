import {
  type LateStateStore,
  type Listening,
  type Log,
  type LogEntry,
  manageState,
  type RebuildProgress,
  type Refusal,
  type StateAddress,
  type StateChange,
  type StateFreshness,
  type StateItem,
  type StatePage,
  type StateQuery,
  type StateStore,
  type StateValues,
  type StateWatcher,
} from "@anywire/core";
import { touchedItems } from "@anywire/core/state";
import { AnywireError } from "@anywire/types";
import type { ChangeBus } from "../shared/change-bus.ts";
import { mapLimit } from "../shared/map-limit.ts";
import { Age } from "./age.ts";
import { ChangeHearer } from "./change-hearer.ts";
import { POSITION_TOPIC, tellStep } from "./change-news.ts";
import type { DynamodbStateOptions } from "./dynamodb-options.ts";
import { DynamodbTable } from "./dynamodb-table.ts";
import { sweepGenerations } from "./generation-sweep.ts";
import { HeardNews } from "./heard-news.ts";
import { KnownPosition } from "./known-position.ts";
import { LiveProjector } from "./live-projector.ts";
import { assertInLog } from "./log-place.ts";
import { openMeta, readMeta } from "./meta-rows.ts";
import { createNotingLog, type NotingLog } from "./noting-log.ts";
import type { StatePosition } from "./position-row.ts";
import { arrival, type Step } from "./projection.ts";
import { readRefusal } from "./refusal-rows.ts";
import { directoryOf, LAST_CHARACTER } from "./row-keys.ts";
import { SnapshotReader } from "./snapshot-reader.ts";
import { rebuildState } from "./state-rebuild.ts";
import type { Version } from "./state-row.ts";

/** How long one read may take, ms: well below how long earlier versions are kept. */
const MAX_READ_MS = 5 * 60_000;
/** Partitions of which a dump reads items before it counts them, and how many of them at the same time. */
const DUMP_PARTITIONS = 64;
const DUMP_CONCURRENCY = 8;
/** How long after an entry came into the state its news may come, ms. */
const MAX_NEWS_MS = 1_000;
const SWEEP_MS = 60_000;

/**
 * The state in one DynamoDB table, for a log that is kept elsewhere: somebody has to project it. Returns the state,
 * and the log as this node has to use it, so that its reads see what it has appended.
 */
export function createDynamodbState(options: DynamodbStateOptions): {
  readonly state: StateStore;
  readonly log: Log;
} {
  const log = createNotingLog(options.log);
  return { log, state: manageState(new DynamodbStateStore(options, log)) };
}

class DynamodbStateStore implements LateStateStore {
  readonly capabilities = { isWrittenWithLog: false };
  readonly #log: NotingLog;
  readonly #bus: ChangeBus;
  readonly #table: DynamodbTable;
  readonly #reader: SnapshotReader;
  readonly #known: KnownPosition;
  readonly #projector: LiveProjector;
  readonly #retireMs: number;
  readonly #heard = new HeardNews(0);
  readonly #hearers = new Set<ChangeHearer>();
  #listening: Listening | null = null;
  #swept: Age | null = null;
  #sweeping: Promise<void> = Promise.resolve();
  #isClosing = false;

  constructor(options: DynamodbStateOptions, log: NotingLog) {
    this.#log = log;
    this.#bus = options.bus;
    this.#table = new DynamodbTable(options);
    this.#reader = new SnapshotReader(this.#table);
    const { maxAgeMs = 1_000, maxWaitMs = 10_000, retireMs = 600_000 } = options;
    this.#known = new KnownPosition(this.#table, maxAgeMs, maxWaitMs);
    this.#projector = new LiveProjector(this.#table, this.#log, (step) => this.#onStep(step));
    this.#retireMs = retireMs;
  }

  async start(): Promise<void> {
    await Promise.all([this.#table.open(), this.#bus.start()]);
    await openMeta(this.#table, this.#log.epoch);
    this.#listening = this.#bus.listen({
      onText: (topic, text) => this.#onText(topic, text),
      onMissed: () => {
        this.#known.doubt();
        for (const hearer of this.#hearers) hearer.onMissed();
      },
    });
    await this.#listening.follow(POSITION_TOPIC);
    this.#heard.skipTo((await this.#known.refresh()).position);
  }

  async get(
    addresses: readonly StateAddress[],
    freshness: StateFreshness = {},
  ): Promise<StateValues> {
    return await this.#read(freshness, async (at) => {
      const versions = await this.#reader.get(addresses, at);
      return { values: versions.map(parsed), position: at.position };
    });
  }

  async list(query: StateQuery): Promise<StatePage> {
    const { partition, prefix, limit = Number.MAX_SAFE_INTEGER, follow } = query;
    return await this.#read(query, async (at) => {
      const found = await this.#reader.list({ ...query, limit: limit + 1 }, at);
      const hasMore = found.length > limit;
      const items = found.slice(0, limit).map((one) => {
        return { partition, sort: one.sort, value: parsed(one) };
      });
      const followed = await this.#follow(items, prefix, follow, at);
      return { items, followed, hasMore, position: at.position };
    });
  }

  async position(): Promise<number> {
    const facts = await readMeta(this.#table);
    this.#known.learn(facts);
    await assertInLog(this.#log, facts);
    return facts.position;
  }

  async project(entries: readonly LogEntry[]): Promise<void> {
    // Whoever chose them has learned of the position here.
    await this.#projector.project(entries, this.#known.latest);
    this.#sweepSoon();
  }

  async refusalOf(offset: number): Promise<Refusal | undefined> {
    const { position } = await this.#known.reach(offset);
    if (!(await this.#heard.reach(offset, MAX_NEWS_MS))) {
      // It is in the state, and its news were lost on the way.
      for (const hearer of this.#hearers) hearer.onPosition({ from: position, position });
      this.#heard.skipTo(position);
    }
    await Promise.all([...this.#hearers].map((hearer) => hearer.settled()));
    const refusal = this.#heard.refusalOf(offset);
    return refusal === null ? await readRefusal(this.#table, offset) : refusal;
  }

  watch(watcher: StateWatcher): Listening {
    const read = (channel: string, offset: number) => this.#readChange(channel, offset);
    const hearer = new ChangeHearer(watcher, read, this.#known.latest.position);
    const ends = new Set<() => void>();
    this.#hearers.add(hearer);
    return {
      hearsAll: false,
      follow: async (pattern) => {
        const listening = this.#listening;
        if (listening === null) throw new AnywireError("unavailable", "the state is closed");
        const unfollow = await listening.follow(pattern);
        const end = (): void => {
          if (ends.delete(end)) unfollow();
        };
        ends.add(end);
        // What came into the state before now was perhaps not heard: reads from now on have it.
        await this.#known.refresh().catch((error: unknown) => {
          end();
          throw error;
        });
        return end;
      },
      stop: () => {
        this.#hearers.delete(hearer);
        hearer.stop();
        for (const end of ends) end();
      },
    };
  }

  async dump(after: StateAddress | undefined, limit: number): Promise<readonly StateItem[]> {
    return await this.#read({}, async (at) => {
      const items: StateItem[] = [];
      const pages = this.#table.query({
        pk: directoryOf(at.generation),
        lower: after?.partition ?? "",
        upper: LAST_CHARACTER,
        order: "asc",
        pageSize: Math.min(DUMP_PARTITIONS, limit),
      });
      for await (const page of pages) {
        const partitions = page.map(({ sk }) => sk?.S ?? "");
        const found = await mapLimit(partitions, DUMP_CONCURRENCY, (partition) => {
          const from = partition === after?.partition ? { after: after.sort } : {};
          return this.#reader.list({ partition, prefix: "", ...from, limit }, at);
        });
        for (const [i, partition = ""] of partitions.entries()) {
          for (const one of found[i] ?? []) {
            items.push({ partition, sort: one.sort, value: parsed(one) });
          }
        }
        if (items.length >= limit) break;
      }
      return items.slice(0, limit);
    });
  }

  async rebuild(
    onProgress: (progress: RebuildProgress) => void = () => {},
  ): Promise<RebuildProgress> {
    const { progress, live } = await rebuildState({
      table: this.#table,
      log: this.#log,
      onProgress,
    });
    // What it folded last was not told.
    this.#onStep(arrival(live));
    return progress;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#listening?.stop();
    this.#listening = null;
    for (const hearer of this.#hearers) hearer.stop();
    this.#hearers.clear();
    this.#known.close();
    await this.#projector.idle();
    await this.#sweeping;
    await this.#bus.close();
    this.#table.close();
  }

  /** Reads as of one moment, which has what was appended here and what is asked for. */
  async #read<T>(
    { atLeast = 0, mayTrail = false }: StateFreshness,
    read: (at: StatePosition) => Promise<T>,
  ): Promise<T> {
    const at = await this.#known.reach(Math.max(atLeast, mayTrail ? 0 : this.#log.appended));
    const age = new Age();
    const result = await read(at);
    if (age.ms <= MAX_READ_MS) return result;
    throw new AnywireError("unavailable", "the state took too long to read: try again later");
  }

  async #follow(
    items: readonly StateItem[],
    prefix: string,
    follow: string | undefined,
    at: StatePosition,
  ): Promise<unknown[]> {
    if (follow === undefined) return items.map(() => undefined);
    const addresses = items.map(({ sort }) => {
      return { partition: sort.slice(prefix.length), sort: follow };
    });
    return (await this.#reader.get(addresses, at)).map(parsed);
  }

  /** This node knows at once; the others hear of it. */
  #onStep(step: Step): void {
    this.#known.learn(step);
    tellStep(this.#bus, step);
  }

  #onText(topic: string, text: string): void {
    const news = JSON.parse(text);
    if (topic !== POSITION_TOPIC) {
      for (const hearer of this.#hearers) hearer.onChange(news);
      return;
    }
    this.#known.learn(news);
    for (const hearer of this.#hearers) hearer.onPosition(news);
    this.#heard.hear(news);
  }

  async #readChange(channel: string, offset: number): Promise<StateChange> {
    const query = { pattern: channel, after: offset - 1, before: offset + 1, limit: 1 } as const;
    const [entry] = (await this.#log.read({ ...query, order: "asc" })).entries;
    if (entry === undefined) throw new AnywireError("not_found", `there is no entry ${offset}`);
    // Where they would be if all of them were there.
    const addresses = touchedItems(entry, { read: () => true }) ?? [];
    const { values } = await this.get(addresses, { atLeast: offset });
    const items = addresses.map(({ partition, sort }, i) => ({
      partition,
      sort,
      value: values[i],
    }));
    return { entry, items: items.filter(({ value }) => value !== undefined) };
  }

  #sweepSoon(): void {
    if (this.#swept !== null && this.#swept.ms < Math.min(SWEEP_MS, this.#retireMs)) return;
    this.#swept = new Age();
    // What fails is left for the next time.
    this.#sweeping = this.#sweeping
      .then(() => sweepGenerations(this.#table, this.#retireMs, () => this.#isClosing))
      .catch(() => {});
  }
}

function parsed(version: Version | undefined): unknown {
  return version?.json === undefined ? undefined : JSON.parse(version.json);
}
