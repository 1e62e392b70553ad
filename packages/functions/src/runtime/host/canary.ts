/**
 * Says which channels have the canary: so many of 100, always the same ones for one revision, whoever asks. With a larger
 * percentage those that have it keep it.
 */
export function canaryChooser(revision: string, percent: number): (channel: string) => boolean {
  const seed = hash(OFFSET_BASIS, revision);
  return (channel) => spread(hash(seed, channel)) % 100 < percent;
}

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv FNV-1a, 32 bits */
function hash(seed: number, text: string): number {
  let state = seed;
  for (let i = 0; i < text.length; i += 1) {
    state = Math.imul(state ^ text.charCodeAt(i), PRIME);
  }
  return state;
}

/** Names that differ in their last character only must not fall beside each other. */
function spread(state: number): number {
  let mixed = state ^ (state >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
