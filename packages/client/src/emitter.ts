/** Takes a listener off again. A second call is a no-op. */
export type Unlisten = () => void;

/** Hands events to listeners, in the order in which they were added. */
export class Emitter<Events> {
  readonly #listeners: { [Name in keyof Events]?: Set<(event: Events[Name]) => void> } = {};

  /** Adds a listener. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): Unlisten {
    const listeners = this.#listeners[name] ?? new Set();
    this.#listeners[name] = listeners;
    // A function of its own, so that one listener can listen twice.
    const own = (event: Events[Name]): void => listener(event);
    listeners.add(own);
    return () => listeners.delete(own);
  }

  /** Calls every listener there is by now. One that throws stops neither the others nor the connection. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const listeners = this.#listeners[name];
    // Those of now: a set goes on to whoever is added meanwhile, for ever if each adds another.
    for (const listener of [...(listeners ?? [])]) {
      if (listeners?.has(listener) !== true) continue;
      try {
        listener(event);
      } catch (thrown) {
        // The socket library closes its connection over a listener's exception, so it leaves as an uncaught one.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}
