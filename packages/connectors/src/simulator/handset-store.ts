import type { HandsetMessage } from "../contract/simulator.ts";

/** What the persons at the other end have on their screens. Keeps the last 1,000 messages of each of at most 1,000 persons. */
export class HandsetStore {
  readonly #byPerson = new Map<string, HandsetMessage[]>();
  readonly #listeners = new Set<(person: string) => void>();

  /** The latest first. */
  persons(): readonly string[] {
    return [...this.#byPerson.keys()].reverse();
  }

  /** Oldest first. */
  messages(person: string): readonly HandsetMessage[] {
    return this.#byPerson.get(person) ?? [];
  }

  /** Undefined when there is none of that id. */
  find(id: string): HandsetMessage | undefined {
    for (const messages of this.#byPerson.values()) {
      const found = messages.find((message) => message.id === id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  add(message: Omit<HandsetMessage, "isEdited" | "isDeleted">): HandsetMessage {
    const { person } = message;
    const added = { ...message, isEdited: false, isDeleted: false };
    const messages = [...this.messages(person), added].slice(-1000);
    // Again at the end: the order is that of the latest message.
    this.#byPerson.delete(person);
    this.#byPerson.set(person, messages);
    const [oldest] = this.#byPerson.keys();
    if (this.#byPerson.size > 1000 && oldest !== undefined) this.#byPerson.delete(oldest);
    this.#tell(person);
    return added;
  }

  /** A no-op when there is none of that id. What is undefined is taken away. */
  change(
    id: string,
    changes: { readonly [K in keyof HandsetMessage]?: HandsetMessage[K] | undefined },
  ): HandsetMessage | undefined {
    const known = this.find(id);
    if (known === undefined) return undefined;
    const changed = { ...known, ...changes } as HandsetMessage;
    this.#byPerson.set(
      known.person,
      this.messages(known.person).map((message) => (message === known ? changed : message)),
    );
    this.#tell(known.person);
    return changed;
  }

  /** All that a person had is another's from now on: the same human under a new name. */
  rename(person: string, to: string): void {
    const messages = this.messages(person).map((message) => ({ ...message, person: to }));
    this.#byPerson.delete(person);
    this.#byPerson.set(to, messages);
    this.#tell(person);
    this.#tell(to);
  }

  onChange(listener: (person: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(person: string): void {
    for (const listener of this.#listeners) listener(person);
  }
}
