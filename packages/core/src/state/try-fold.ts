import type { EntryDraft } from "../ports/log.ts";
import type { StateAddress, StateItem, StateStore } from "../ports/state-store.ts";
import { foldEntry } from "./fold.ts";
import { StateBuffer, type StateSource } from "./state-view.ts";

/** A list that a fold has asked for. */
interface Listing {
  readonly partition: string;
  readonly prefix: string;
  readonly limit: number;
}

/**
 * Folds an entry that is not in the log yet, as if it came now, and keeps nothing of it: for a state that comes along
 * after the log, where what is refused would be in the log all the same. What changes until it is there, the fold decides.
 * @throws {AnywireError} what the fold refuses it with, and what the state throws.
 */
export async function tryFold(
  state: Pick<StateStore, "get" | "list">,
  draft: EntryDraft,
): Promise<void> {
  const source = new LoadedSource(state);
  const entry = { ...draft, offset: Number.MAX_SAFE_INTEGER, at: Date.now() };
  for (;;) {
    let refusal: unknown;
    try {
      foldEntry(new StateBuffer(source), entry);
    } catch (error) {
      refusal = error;
    }
    // What it could not see decides nothing: it is looked up, and the fold begins anew.
    if (await source.loadLacking()) continue;
    if (refusal !== undefined) throw refusal;
    return;
  }
}

class LoadedSource implements StateSource {
  readonly #state: Pick<StateStore, "get" | "list">;
  readonly #values = new Map<string, unknown>();
  readonly #lists = new Map<string, readonly StateItem[]>();
  readonly #lacking = new Map<string, StateAddress>();
  readonly #lackingLists = new Map<string, Listing>();

  constructor(state: Pick<StateStore, "get" | "list">) {
    this.#state = state;
  }

  read(partition: string, sort: string): unknown {
    const name = `${partition}\n${sort}`;
    if (!this.#values.has(name)) this.#lacking.set(name, { partition, sort });
    return this.#values.get(name);
  }

  list(partition: string, prefix: string, limit: number): readonly StateItem[] {
    const name = `${partition}\n${prefix}\n${limit}`;
    const found = this.#lists.get(name);
    if (found === undefined) this.#lackingLists.set(name, { partition, prefix, limit });
    return found ?? [];
  }

  /** Looks up what was asked for in vain; false when nothing was. */
  async loadLacking(): Promise<boolean> {
    if (this.#lacking.size === 0 && this.#lackingLists.size === 0) return false;
    const addresses = [...this.#lacking];
    const lists = [...this.#lackingLists];
    this.#lacking.clear();
    this.#lackingLists.clear();
    const [{ values }, ...pages] = await Promise.all([
      this.#state.get(addresses.map(([, address]) => address)),
      ...lists.map(([, listing]) => this.#state.list(listing)),
    ]);
    for (const [i, [name]] of addresses.entries()) this.#values.set(name, values[i]);
    for (const [i, [name]] of lists.entries()) this.#lists.set(name, pages[i]?.items ?? []);
    return true;
  }
}
