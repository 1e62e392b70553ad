import {
  type IntervalWork,
  intervalSchedule,
  type KeyValueStore,
  runEvery,
  type Schedule,
} from "@anywire/core";
import { type AnywireError, createEntryId, toAnywireError } from "@anywire/types";
import { createCronSchedule } from "../../author/cron-schedule.ts";
import type { FunctionDescription } from "../../author/definition.ts";
import type { Deployed } from "./deployed.ts";
import type { FunctionRuns } from "./function-runs.ts";

/** What schedules need. */
export interface SchedulesOptions {
  readonly kv: KeyValueStore;
  readonly deployed: Deployed;
  readonly runs: FunctionRuns;
  /** The platform of those that name none. */
  readonly defaultPlatform: string;
  readonly onError: (error: AnywireError) => void;
}

/** Runs functions at their times, each time once in the whole cluster. One that fails is not run again before its next time. */
export class Schedules {
  readonly #options: SchedulesOptions;
  /** By the names that their ticks are claimed by. */
  readonly #works = new Map<string, IntervalWork>();
  readonly #closing = new Set<Promise<void>>();

  constructor(options: SchedulesOptions) {
    this.#options = options;
  }

  /** Has the schedules that the table of now needs; one that is as it was goes on. */
  sync(): void {
    const wanted = new Map<string, FunctionDescription>();
    for (const { description, isDisabled } of this.#options.deployed.table.active) {
      if (!isDisabled && isSchedule(description)) wanted.set(claimName(description), description);
    }
    for (const [name, work] of this.#works) {
      if (wanted.has(name)) continue;
      this.#works.delete(name);
      this.#end(work);
    }
    for (const [name, description] of wanted) {
      if (!this.#works.has(name)) this.#works.set(name, this.#begin(name, description));
    }
  }

  /** Resolves when runs under way are done. */
  async close(): Promise<void> {
    for (const work of this.#works.values()) this.#end(work);
    this.#works.clear();
    await Promise.all(this.#closing);
  }

  #begin(name: string, description: FunctionDescription): IntervalWork {
    const { kv, onError } = this.#options;
    const schedule = toSchedule(description);
    return runEvery(kv, { name, schedule, onError }, (at) => this.#run(description.name, at));
  }

  #end(work: IntervalWork): void {
    const closing = work
      .close()
      .catch((error: unknown) => this.#options.onError(toAnywireError(error)))
      .then(() => void this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async #run(name: string, scheduledAt: number): Promise<void> {
    const { deployed, runs, defaultPlatform } = this.#options;
    const bound = deployed.table.active.find(({ description }) => description.name === name);
    // It may have been taken out or disabled while this node claimed the tick.
    if (bound === undefined || bound.isDisabled || !isSchedule(bound.description)) return;
    const platform = bound.description.options.platform ?? defaultPlatform;
    const event = { trace: { id: createEntryId(), via: [] }, attempt: 1, scheduledAt };
    await runs.run({ bound, event, platform, key: `${name} ${platform} ${scheduledAt}` }, () => {});
  }
}

/** When a function of `onInterval` or `onCron` runs. */
export function toSchedule({ trigger, binding, options }: FunctionDescription): Schedule {
  if (trigger === "onInterval") return intervalSchedule(Number(binding));
  return { next: createCronSchedule(binding, options.timeZone) };
}

function isSchedule({ trigger }: FunctionDescription): boolean {
  return trigger === "onInterval" || trigger === "onCron";
}

/** With its times: while nodes change from one to another, those that have the same agree on them. */
function claimName({ name, binding, options }: FunctionDescription): string {
  return `fn.${name}.${binding}.${options.timeZone ?? ""}`;
}
