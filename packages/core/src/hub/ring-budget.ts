import type { Broadcast } from "./broadcast.ts";
import type { Topic } from "./topic.ts";

/** What a broadcast takes beside its data and the encoded form of it, about. */
const FIXED_BYTES = 600;

/** Keeps all rings together within their bounds: what was published to longest ago goes first. */
export class RingBudget {
  readonly #maxSize: number;
  readonly #maxBytes: number;
  /** Topics that hold something, in the order of their last publish. */
  readonly #topics = new Set<Topic>();
  #bytes = 0;

  /**
   * @param maxSize broadcasts kept for each topic
   * @param maxBytes bytes kept in all rings together, about
   */
  constructor(maxSize: number, maxBytes: number) {
    this.#maxSize = maxSize;
    this.#maxBytes = maxBytes;
  }

  /** Bytes kept now, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a broadcast that a topic has just taken in, and makes room. */
  add(topic: Topic, broadcast: Broadcast): void {
    this.#topics.delete(topic);
    this.#topics.add(topic);
    this.#bytes += bytesOf(broadcast);
    if (topic.ringSize > this.#maxSize) this.#evict(topic);
    while (this.#bytes > this.#maxBytes) {
      const [stalest] = this.#topics;
      if (stalest === undefined) return;
      this.#evict(stalest);
    }
  }

  /** Lets go of all that a topic has. */
  release(topic: Topic): void {
    while (topic.ringSize > 0) this.#evict(topic);
  }

  #evict(topic: Topic): void {
    const gone = topic.evict();
    if (gone !== undefined) this.#bytes -= bytesOf(gone);
    if (topic.ringSize === 0) this.#topics.delete(topic);
  }
}

function bytesOf({ length }: Broadcast): number {
  return FIXED_BYTES + 2 * length;
}
