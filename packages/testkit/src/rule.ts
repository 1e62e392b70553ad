import { it } from "vitest";

/** A rule that a driver is known not to keep yet. Shown in the test report. */
export interface KnownGap {
  /** The name of the test. */
  readonly test: string;
  readonly reason: string;
}

/** Declares one rule of a contract as a test. */
export type Rule = (name: string, body: () => Promise<void>) => void;

/** A `Rule` that expects known gaps to fail, so that mending one reports itself. */
export function createRule(gaps: readonly KnownGap[]): Rule {
  return (name, body) => {
    const gap = gaps.find((known) => known.test === name);
    if (gap === undefined) it(name, body);
    else it.fails(`${name} (${gap.reason})`, body);
  };
}
