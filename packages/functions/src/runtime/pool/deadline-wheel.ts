/** Deadlines this close to each other are one, ms. */
const STEP_MS = 8;

/**
 * Things with a deadline: found when it has come, for next to nothing while it has not. They are found up to one step late and never
 * early.
 */
export class DeadlineWheel<T> {
  readonly #slots = new Map<number, Set<T>>();
  /** The last slot that was looked at. */
  #seen = 0;

  add(item: T, dueAt: number): void {
    const slot = slotOf(dueAt);
    const items = this.#slots.get(slot);
    if (items === undefined) this.#slots.set(slot, new Set([item]));
    else items.add(item);
    // Behind what was looked at: it is looked at again.
    this.#seen = Math.min(this.#seen, slot - 1);
  }

  /** Takes out an item that was added with that deadline. */
  delete(item: T, dueAt: number): void {
    const slot = slotOf(dueAt);
    const items = this.#slots.get(slot);
    if (items?.delete(item) && items.size === 0) this.#slots.delete(slot);
  }

  /** Takes out what is due. */
  takeDue(now: number): readonly T[] {
    const last = Math.floor(now / STEP_MS);
    if (this.#slots.size === 0 || last <= this.#seen) {
      this.#seen = Math.max(this.#seen, last);
      return [];
    }
    const due: T[] = [];
    for (const slot of this.#slotsUpTo(last)) {
      due.push(...(this.#slots.get(slot) ?? []));
      this.#slots.delete(slot);
    }
    this.#seen = last;
    return due;
  }

  #slotsUpTo(last: number): readonly number[] {
    const count = last - this.#seen;
    // Whichever is less: the slots that passed, or those that hold something.
    if (count <= this.#slots.size)
      return Array.from({ length: count }, (_, i) => this.#seen + 1 + i);
    return [...this.#slots.keys()].filter((slot) => slot <= last).sort((a, b) => a - b);
  }
}

function slotOf(dueAt: number): number {
  return Math.ceil(dueAt / STEP_MS);
}
