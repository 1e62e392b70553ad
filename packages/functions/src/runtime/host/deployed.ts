import type { FunctionTable } from "./function-table.ts";

/** A table that is in use as long as somebody holds it. */
export class HeldTable {
  readonly table: FunctionTable;
  /** Resolves when nobody holds it any more. */
  readonly released: Promise<void>;
  #holders = 1;
  #release: () => void = () => {};

  /** Held by who made it. */
  constructor(table: FunctionTable) {
    this.table = table;
    this.released = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  hold(): this {
    this.#holders += 1;
    return this;
  }

  letGo(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#release();
  }
}

/**
 * The table that counts now. What goes on for longer than a run holds the one that it began with, so that its functions stay
 * loaded until it is done.
 */
export class Deployed {
  readonly #inUse = new Set<HeldTable>();
  #current: HeldTable;

  constructor(table: FunctionTable) {
    this.#current = this.#use(table);
  }

  get table(): FunctionTable {
    return this.#current.table;
  }

  /** All that are in use, the one of now among them. */
  get tables(): readonly FunctionTable[] {
    return [...this.#inUse].map(({ table }) => table);
  }

  /** Holds the table of now; to be let go. */
  hold(): HeldTable {
    return this.#current.hold();
  }

  /** Puts another table in its place; resolves when the one that was there is in use no more. */
  async replace(table: FunctionTable): Promise<void> {
    const before = this.#current;
    this.#current = this.#use(table);
    before.letGo();
    await before.released;
    this.#inUse.delete(before);
  }

  #use(table: FunctionTable): HeldTable {
    const held = new HeldTable(table);
    this.#inUse.add(held);
    return held;
  }
}
