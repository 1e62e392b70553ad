import { randomNumbers } from "../../packages/engines/src/dynamodb/state-history.fixture.ts";

/** Random numbers of a test, and what to set `TEST_SEED` to for the same ones again. */
export interface RandomSeed {
  readonly seed: number;
  /** A whole number from 1 to `most`. */
  upTo(most: number): number;
}

/** New random numbers. */
export function randomSeed(): RandomSeed {
  const given = process.env["TEST_SEED"];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  const below = randomNumbers(seed);
  return { seed, upTo: (most) => 1 + below(most) };
}
