import type { Log, LogEntry } from "@anywire/core";
import { Age } from "./age.ts";
import type { DynamodbTable } from "./dynamodb-table.ts";
import { assertInLog } from "./log-place.ts";
import { readMeta, unfreeze } from "./meta-rows.ts";
import { isAfter, type PositionFacts, PositionRow, type StatePosition } from "./position-row.ts";
import { arrival, Projection, type Step } from "./projection.ts";

/** Told of each step that the position has made. */
export type OnStep = (step: Step) => void;

/** How long a rebuild may hold the position still, ms: it takes a moment, so one that does not let go has died. */
const MAX_FROZEN_MS = 5_000;
const FROZEN_PAUSE_MS = 25;
/** A log that loses entries is away for longer than this, ms: its server starts again. */
const LOG_CHECK_MS = 1_000;

/** Folds the log into the generation that is the state. */
export class LiveProjector {
  readonly #table: DynamodbTable;
  readonly #log: Pick<Log, "read">;
  readonly #onStep: OnStep;
  #projection: Projection | null = null;
  /** When the log surely had the entry at the projection's position. */
  #checked: Age | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(table: DynamodbTable, log: Pick<Log, "read">, onStep: OnStep) {
    this.#table = table;
    this.#log = log;
    this.#onStep = onStep;
  }

  /**
   * Calls follow one another, whoever makes them.
   * @param known a position that the state has reached, and after which these entries leave none out
   * @throws {AnywireError} `storage_damaged` when the log has lost what was projected before
   */
  project(entries: readonly LogEntry[], known: StatePosition): Promise<void> {
    const projected = this.#last.then(() => this.#project(entries, known));
    this.#last = projected.catch(() => {});
    return projected;
  }

  /** Resolves once nothing is written any more. */
  async idle(): Promise<void> {
    await this.#last;
    await this.#projection?.settled();
  }

  async #project(entries: readonly LogEntry[], known: StatePosition): Promise<void> {
    const last = entries.at(-1)?.offset ?? 0;
    // Others have brought the state further, and these entries may begin there: upon the state as it was they don't follow.
    if (this.#projection !== null && isAfter(known, this.#projection)) this.#projection = null;
    for (;;) {
      const projection = this.#projection ?? (await this.#begin());
      // Whatever happens, nothing that is half done is built upon.
      this.#projection = null;
      await this.#check(projection);
      const step = await projection.project(entries);
      if (step === null) continue;
      this.#projection = projection;
      if (step.from < step.position) this.#onStep(step);
      if (last <= step.position) return;
    }
  }

  /** Takes up the work where it is. */
  async #begin(): Promise<Projection> {
    const facts = await this.#readFree();
    this.#checked = null;
    // Whoever worked before may have died between moving the position and telling.
    this.#onStep(arrival(facts));
    return new Projection(this.#table, PositionRow.live(this.#table, facts.generation), facts);
  }

  async #check(projection: Projection): Promise<void> {
    if (this.#checked !== null && this.#checked.ms <= LOG_CHECK_MS) return;
    const checked = new Age();
    await assertInLog(this.#log, projection);
    this.#checked = checked;
  }

  async #readFree(): Promise<PositionFacts> {
    let frozenBy: string | undefined;
    let since = 0;
    for (;;) {
      const facts = await readMeta(this.#table);
      if (facts.frozenBy === undefined) return facts;
      if (facts.frozenBy !== frozenBy) since = performance.now();
      frozenBy = facts.frozenBy;
      if (performance.now() - since > MAX_FROZEN_MS) await unfreeze(this.#table, frozenBy);
      else await new Promise((resolve) => setTimeout(resolve, FROZEN_PAUSE_MS));
    }
  }
}
