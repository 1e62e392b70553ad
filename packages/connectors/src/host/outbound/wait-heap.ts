interface Waiting<T> {
  readonly at: number;
  readonly what: T;
}

/** What waits for a time, the earliest first: a binary heap, so that a hundred thousand waiting things need one timer. */
export class WaitHeap<T> {
  readonly #items: Waiting<T>[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** The earliest; undefined when nothing waits. */
  peek(): Waiting<T> | undefined {
    return this.#items[0];
  }

  push(at: number, what: T): void {
    const items = this.#items;
    let place = items.length;
    items.push({ at, what });
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#at(parent) <= at) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  /** Takes the earliest. */
  pop(): Waiting<T> | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || first === last) return first;
    items[0] = last;
    this.#sink();
    return first;
  }

  #sink(): void {
    for (let place = 0; ; ) {
      let least = place;
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if (this.#at(child) < this.#at(least)) least = child;
      }
      if (least === place) return;
      this.#swap(place, least);
      place = least;
    }
  }

  #at(place: number): number {
    return this.#items[place]?.at ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    const [first, second] = [items[a], items[b]];
    if (first === undefined || second === undefined) return;
    items[a] = second;
    items[b] = first;
  }
}
