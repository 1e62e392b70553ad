/** Something that wants to be woken. */
export interface Wakeable {
  /** Called when its time has come. Returns when to wake it next, ms on the wheel's clock; 0 for never. */
  wake(now: number): number;
}

/** How fine the wheel turns. */
const STEP_MS = 250;

/** One timer for all connections: each waits in the slot of the moment when it is due. */
export class Wheel {
  readonly #now: () => number;
  readonly #slots = new Map<number, Wakeable[]>();
  #turned: number;
  readonly #timer: NodeJS.Timeout;

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#turned = Math.floor(now() / STEP_MS);
    this.#timer = setInterval(() => this.turn(), STEP_MS);
  }

  /** The wheel's clock, ms. */
  now(): number {
    return this.#now();
  }

  /**
   * Wakes it at about `at`: never before, and less than two steps later, one until its slot is over and
   * one until the timer looks. Scheduled twice it is woken twice.
   */
  schedule(at: number, item: Wakeable): void {
    const slot = Math.max(slotOf(at), this.#turned + 1);
    const items = this.#slots.get(slot);
    if (items === undefined) this.#slots.set(slot, [item]);
    else items.push(item);
  }

  /** Wakes all that are due. */
  turn(): void {
    const now = this.#now();
    const current = Math.floor(now / STEP_MS);
    while (this.#turned < current) {
      this.#turned += 1;
      const due = this.#slots.get(this.#turned) ?? [];
      this.#slots.delete(this.#turned);
      for (const item of due) {
        const next = item.wake(now);
        if (next > 0) this.schedule(next, item);
      }
    }
  }

  /** Stops the timer. */
  close(): void {
    clearInterval(this.#timer);
    this.#slots.clear();
  }
}

function slotOf(at: number): number {
  return Math.ceil(at / STEP_MS);
}
