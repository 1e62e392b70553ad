import type { Listening } from "../ports/listening.ts";
import type { LogEntry } from "../ports/log.ts";
import {
  isLate,
  type LateStateStore,
  type RebuildProgress,
  type Refusal,
  type StateAddress,
  type StateFreshness,
  type StateItem,
  type StatePage,
  type StateQuery,
  type StateStore,
  type StateStoreCapabilities,
  type StateValues,
  type StateWatcher,
} from "../ports/state-store.ts";
import { Gate } from "./gate.ts";

/**
 * Gives a driver the life that `StateStore` promises, so that no driver has to: it is started once; before
 * that and after `close` every call rejects with `unavailable`; `close` waits for calls under way.
 */
export function manageState(driver: StateStore): StateStore {
  return isLate(driver) ? new ManagedLateState(driver) : new ManagedState(driver);
}

class ManagedState implements StateStore {
  readonly capabilities: StateStoreCapabilities;
  readonly #driver: StateStore;
  protected readonly gate: Gate = new Gate("state");

  constructor(driver: StateStore) {
    this.#driver = driver;
    this.capabilities = driver.capabilities;
  }

  start(): Promise<void> {
    return this.gate.start(() => this.#driver.start());
  }

  get(addresses: readonly StateAddress[], freshness?: StateFreshness): Promise<StateValues> {
    return this.gate.run(() => this.#driver.get(addresses, freshness));
  }

  list(query: StateQuery): Promise<StatePage> {
    return this.gate.run(() => this.#driver.list(query));
  }

  position(): Promise<number> {
    return this.gate.run(() => this.#driver.position());
  }

  project(entries: readonly LogEntry[]): Promise<void> {
    return this.gate.run(() => this.#driver.project(entries));
  }

  watch(watcher: StateWatcher): Listening {
    this.gate.assertOpen();
    return this.#driver.watch(watcher);
  }

  dump(after: StateAddress | undefined, limit: number): Promise<readonly StateItem[]> {
    return this.gate.run(() => this.#driver.dump(after, limit));
  }

  rebuild(onProgress?: (progress: RebuildProgress) => void): Promise<RebuildProgress> {
    return this.gate.run(() => this.#driver.rebuild(onProgress));
  }

  close(): Promise<void> {
    return this.gate.close(() => this.#driver.close());
  }
}

class ManagedLateState extends ManagedState implements LateStateStore {
  readonly #driver: LateStateStore;

  constructor(driver: LateStateStore) {
    super(driver);
    this.#driver = driver;
  }

  refusalOf(offset: number): Promise<Refusal | undefined> {
    return this.gate.run(() => this.#driver.refusalOf(offset));
  }
}
