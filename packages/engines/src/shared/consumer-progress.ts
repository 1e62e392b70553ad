import type { ConsumerSaves } from "./consumer-saves.ts";
import type { ConsumerStore, GivenUp, ParkedChannel } from "./consumer-store.ts";

const SAVE_AGAIN_MS = 1_000;

/** Where a consumer is at one moment. */
export interface ProgressSnapshot {
  readonly position: number;
  /** The channel as it is parked now, or null. */
  parkedChannel(channel: string): ParkedChannel | null;
}

/** Collects what changes while a consumer works and saves it, one save at a time, all or nothing. */
export class ConsumerProgress {
  readonly #store: ConsumerStore;
  readonly #saves: ConsumerSaves;
  readonly #name: string;
  readonly #holder: string;
  readonly #now: () => ProgressSnapshot;
  readonly #onLost: () => void;
  readonly #channels = new Set<string>();
  readonly #givenUp = new Map<number, GivenUp>();
  readonly #revived = new Set<number>();
  #savedPosition: number;
  #isEnded = false;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(
    store: ConsumerStore,
    saves: ConsumerSaves,
    term: { readonly name: string; readonly holder: string; readonly position: number },
    now: () => ProgressSnapshot,
    onLost: () => void,
  ) {
    this.#store = store;
    this.#saves = saves;
    this.#name = term.name;
    this.#holder = term.holder;
    this.#savedPosition = term.position;
    this.#now = now;
    this.#onLost = onLost;
  }

  /** Entries were handled; `channel` when that moved a parked channel. Saved within a moment. */
  moved(channel?: string): void {
    if (channel !== undefined) this.#channels.add(channel);
    this.#saveSoon();
  }

  /** A channel was parked or an attempt failed. Saved at once, so that attempts count after a crash. */
  failed(channel: string): void {
    this.#channels.add(channel);
    this.#saveNow();
  }

  /** An entry became a dead letter, or failed once more as one. Saved at once. */
  gaveUp(givenUp: GivenUp): void {
    this.#revived.delete(givenUp.offset);
    this.#givenUp.set(givenUp.offset, givenUp);
    this.#saveNow();
  }

  /** A dead letter was handled. */
  revived(offset: number): void {
    this.#givenUp.delete(offset);
    this.#revived.add(offset);
    this.#saveNow();
  }

  /** Resolves when everything reported so far is saved. */
  flush(): Promise<void> {
    const saving = this.#saving.catch(() => {}).then(() => this.#save());
    this.#saving = saving;
    return saving;
  }

  /** Saves no more. */
  end(): void {
    this.#isEnded = true;
    this.#saves.cancel(this.#saveNow);
    clearTimeout(this.#timer);
  }

  readonly #saveNow = (): void => {
    this.flush().catch(() => this.#saveAgain());
  };

  #saveSoon(): void {
    if (!this.#isEnded) this.#saves.request(this.#saveNow);
  }

  #saveAgain(): void {
    if (this.#isEnded) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#saveNow, SAVE_AGAIN_MS);
  }

  async #save(): Promise<void> {
    const { position, parkedChannel } = this.#now();
    const hasChanges = this.#channels.size + this.#givenUp.size + this.#revived.size > 0;
    if (this.#isEnded || (!hasChanges && position === this.#savedPosition)) return;
    const channels = [...this.#channels];
    const givenUp = [...this.#givenUp.values()];
    const revived = [...this.#revived];
    this.#clear();
    const states = channels.map((channel) => ({ channel, parked: parkedChannel(channel) }));
    const changes = {
      position,
      parked: states.flatMap(({ parked }) => parked ?? []),
      unparked: states.flatMap(({ channel, parked }) => (parked === null ? [channel] : [])),
      givenUp,
      revived,
    };
    try {
      const isSaved = await this.#store.save(this.#holder, this.#name, changes);
      if (isSaved) this.#savedPosition = position;
      else this.#onLost();
    } catch (error) {
      this.#putBack(channels, givenUp, revived);
      throw error;
    }
  }

  #clear(): void {
    this.#channels.clear();
    this.#givenUp.clear();
    this.#revived.clear();
  }

  /** What was reported since then is newer and stays. */
  #putBack(channels: string[], givenUp: GivenUp[], revived: number[]): void {
    for (const channel of channels) this.#channels.add(channel);
    for (const one of givenUp) {
      const isOlder = this.#givenUp.has(one.offset) || this.#revived.has(one.offset);
      if (!isOlder) this.#givenUp.set(one.offset, one);
    }
    for (const offset of revived) if (!this.#givenUp.has(offset)) this.#revived.add(offset);
  }
}
