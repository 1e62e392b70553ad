import type { Output } from "./terminal.ts";

/** What a migration is at, in this order. */
export type MigrationStep = "copy" | "consumers" | "count" | "project" | "compare" | "keys";

/** Told how far a step has come. */
export type OnMigrationProgress = (step: MigrationStep, done: number, total: number) => void;

const EVERY_MS = 500;
const UNITS: Readonly<Record<MigrationStep, string>> = {
  copy: "entries copied",
  consumers: "consumers copied",
  count: "entries counted on both sides",
  project: "entries in the state",
  compare: "items of the state compared",
  keys: "keys copied",
};

/** Writes how far a migration has come: a line now and then, and one at the end of each step. */
export function progressLines(output: Output, asJson: boolean): OnMigrationProgress {
  let current: MigrationStep | null = null;
  let from = 0;
  let startedAt = 0;
  let toldAt = 0;
  let told = -1;
  return (step, done, total) => {
    const now = performance.now();
    if (step !== current) {
      current = step;
      // What was there before, this run has not done.
      from = done;
      startedAt = now;
      toldAt = now;
      told = -1;
    }
    const isDue = done >= total || now - toldAt >= EVERY_MS;
    if (done === told || total === 0 || !isDue) return;
    toldAt = now;
    told = done;
    const perSecond = Math.round((done - from) / Math.max((now - startedAt) / 1000, 0.001));
    const progress = { step, done, total, perSecond };
    if (asJson) output.line(JSON.stringify({ progress }));
    else output.line(lineOf(progress));
  };
}

function lineOf(progress: {
  readonly step: MigrationStep;
  readonly done: number;
  readonly total: number;
  readonly perSecond: number;
}): string {
  const { step, done, total, perSecond } = progress;
  const percent = Math.floor((done / total) * 100);
  return `${percent} %  ${done} of ${total} ${UNITS[step]}, ${perSecond} a second`;
}
