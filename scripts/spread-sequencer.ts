import { dirname } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Runs the files of every folder spread over the whole run. The tests of some folders wait for most of their time and those of
 * others compute for all of it: side by side they take less time than one after the other.
 */
export class SpreadSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // Longest first, as far as that is known.
    const sorted = await super.sort(files);
    return spread(sorted, ({ project, moduleId }) => `${project.name} ${dirname(moduleId)}`);
  }
}

/** Mixes groups evenly, each in the order that it is in; the first of each group come first. */
export function spread<T>(items: readonly T[], groupOf: (item: T) => string): T[] {
  return [...Map.groupBy(items, groupOf).values()]
    .flatMap((group) => group.map((item, i) => ({ item, place: i / group.length })))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
