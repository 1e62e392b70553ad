/** Ids for which the first slice has room. */
const FIRST_CAPACITY = 64;
const PROBES = 8;
/** Another one in each process, so that nobody can choose ids that look like others. */
const [SEED_A = 0, SEED_B = 0] = crypto.getRandomValues(new Uint32Array(2));

/** A Bloom filter with a word of 32 bits for each id that it has room for. */
interface Slice {
  readonly words: Uint32Array;
  room: number;
}

/**
 * A set of ids in 4 to 8 bytes for each. It knows every id that was added, and takes about one in 10,000 others for one.
 * @see https://gsd.di.uminho.pt/members/cbm/ps/dbloom.pdf
 */
export class IdFilter {
  /** Each has room for twice as many as the one before. */
  readonly #slices: Slice[] = [];
  #size = 0;

  /** How many were added. */
  get size(): number {
    return this.#size;
  }

  add(id: string): void {
    const { words } = this.#roomy();
    const [a, b] = hashesOf(id);
    for (let i = 0; i < PROBES; i += 1) {
      const bit = bitOf(a, b, i, words);
      words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << bit);
    }
    this.#size += 1;
  }

  /** False when an id was surely never added. */
  mayHave(id: string): boolean {
    if (this.#size === 0) return false;
    const [a, b] = hashesOf(id);
    return this.#slices.some(({ words }) => hasBits(words, a, b));
  }

  #roomy(): Slice {
    let slice = this.#slices.at(-1);
    if (slice === undefined || slice.room === 0) {
      const capacity = slice === undefined ? FIRST_CAPACITY : 2 * slice.words.length;
      slice = { words: new Uint32Array(capacity), room: capacity };
      this.#slices.push(slice);
    }
    slice.room -= 1;
    return slice;
  }
}

function hasBits(words: Uint32Array, a: number, b: number): boolean {
  for (let i = 0; i < PROBES; i += 1) {
    const bit = bitOf(a, b, i, words);
    if (((words[bit >>> 5] ?? 0) & (1 << bit)) === 0) return false;
  }
  return true;
}

/** There is a power of two of bits. All of both numbers counts, however few there are: so that other ids have other bits. */
function bitOf(a: number, b: number, probe: number, words: Uint32Array): number {
  const mixed = Math.imul(a + probe * b, 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) & (32 * words.length - 1);
}

/** Two numbers of 32 bits, the second one odd. */
function hashesOf(id: string): readonly [number, number] {
  let a = SEED_A;
  let b = SEED_B;
  for (let i = 0; i < id.length; i += 1) {
    const code = id.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ code, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return [a >>> 0, (b | 1) >>> 0];
}
