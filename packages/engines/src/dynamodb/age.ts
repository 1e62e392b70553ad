/** How long ago something was. A machine that slept counts that, and a clock that was set back takes nothing off. */
export class Age {
  readonly #at = Date.now();
  readonly #tick = performance.now();

  get ms(): number {
    return Math.max(Date.now() - this.#at, performance.now() - this.#tick);
  }
}
