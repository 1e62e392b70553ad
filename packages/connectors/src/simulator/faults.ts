import type { Fault } from "../contract/simulator.ts";

/** The faults of one kind. */
export type FaultOf<K extends Fault["kind"]> = Extract<Fault, { kind: K }>;

/** What goes wrong next. */
export class Faults {
  readonly #faults: { fault: Fault; left: number }[] = [];

  inject(fault: Fault): void {
    if (fault.times > 0) this.#faults.push({ fault, left: fault.times });
  }

  /** The next fault of one of these kinds, counted down; undefined when all goes well. */
  take<K extends Fault["kind"]>(...kinds: readonly K[]): FaultOf<K> | undefined {
    const found = this.#faults.find(({ fault }) =>
      (kinds as readonly string[]).includes(fault.kind),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left === 0) this.#faults.splice(this.#faults.indexOf(found), 1);
    return found.fault as FaultOf<K>;
  }
}
