/** A first-in, first-out list whose both ends cost O(1). */
export class Ring<T> {
  #items: (T | undefined)[] = [];
  #start = 0;

  /** How many items it holds. */
  get size(): number {
    return this.#items.length - this.#start;
  }

  /** The i-th oldest item. */
  at(i: number): T | undefined {
    return this.#items[this.#start + i];
  }

  /** Adds the newest item. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the oldest item out. */
  shift(): T | undefined {
    const item = this.#items[this.#start];
    if (item === undefined) return undefined;
    this.#items[this.#start] = undefined;
    this.#start += 1;
    if (this.#start > 32 && this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }
}
