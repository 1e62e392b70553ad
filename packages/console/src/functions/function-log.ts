import type { AnywireClient, Channel } from "@anywire/client";
import type { Entry } from "@anywire/types";
import { type LogLine, toLogLine } from "./log-line.ts";

/** What is known of the log of functions. */
export interface FunctionLogState {
  /** Oldest first. */
  readonly lines: readonly LogLine[];
  /** Whether earlier ones are stored that were not read. */
  readonly hasOlder: boolean;
  /** Whether the newest stored ones were read. */
  readonly isRead: boolean;
  /** Why it can't be read; undefined when it can. */
  readonly refusal: string | undefined;
}

/** What of a client the log needs. */
export type LogClient = Pick<AnywireClient, "ready" | "channel">;

const PAGE = 200;
/** So many lines are kept, beside those that somebody went back to. */
const MAX_LINES = 1_000;
const NOTHING: FunctionLogState = {
  lines: [],
  hasOlder: false,
  isRead: false,
  refusal: undefined,
};

/** What functions log, as it comes, after what was logged last. */
export class FunctionLog {
  readonly #client: LogClient;
  readonly #listeners = new Set<() => void>();
  #channel: Channel | undefined;
  #state = NOTHING;
  #maxLines = MAX_LINES;
  /** What came in this turn: lines of one frame are shown together. */
  #arrived: Entry[] = [];

  constructor(client: LogClient) {
    this.#client = client;
  }

  /** The same object until something changes. */
  readonly getState = (): FunctionLogState => this.#state;

  /** Has a function called on each change; the answer ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Begins to follow, once the client is connected; the answer ends that. */
  follow(): () => void {
    const stops: (() => void)[] = [];
    let isOver = false;
    const begin = async (): Promise<void> => {
      const { platform } = await this.#client.ready();
      if (isOver) return;
      const channel = this.#client.channel(`${platform}.system.functions`);
      this.#channel = channel;
      stops.push(
        channel.on("entry", (entry) => this.#receive(entry)),
        channel.on("state", (change) => {
          if (change.state === "subscribed" && !change.isContinuous) void this.#readNewest();
          if ("error" in change && change.error !== undefined) this.#refuse(change.error);
        }),
        () => channel.unsubscribe(),
      );
      channel.subscribe();
      // Later, what came between would be missing.
      await channel.ready();
      await this.#readNewest();
    };
    begin().catch((thrown) => {
      if (!isOver) this.#refuse(thrown);
    });
    return () => {
      isOver = true;
      for (const stop of stops) stop();
    };
  }

  /** Reads a page before the earliest line. */
  async readOlder(): Promise<void> {
    const [first] = this.#state.lines;
    if (first === undefined || this.#channel === undefined) return;
    const { entries, hasMore } = await this.#channel.history({
      limit: PAGE,
      before: first.offset,
    });
    const older = toLines(entries);
    this.#maxLines += older.length;
    this.#set({ lines: [...older, ...this.#state.lines], hasOlder: hasMore });
  }

  async #readNewest(): Promise<void> {
    if (this.#channel === undefined) return;
    try {
      const { entries, hasMore } = await this.#channel.history({ limit: PAGE });
      const stored = toLines(entries);
      const last = stored.at(-1)?.offset ?? 0;
      const newer = this.#state.lines.filter(({ offset }) => offset > last);
      this.#set({
        lines: [...stored, ...newer],
        hasOlder: hasMore,
        isRead: true,
        refusal: undefined,
      });
    } catch (thrown) {
      this.#refuse(thrown);
    }
  }

  #receive(entry: Entry): void {
    this.#arrived.push(entry);
    if (this.#arrived.length === 1) queueMicrotask(() => this.#showArrived());
  }

  #showArrived(): void {
    const last = this.#state.lines.at(-1)?.offset ?? 0;
    const lines = toLines(this.#arrived).filter(({ offset }) => offset > last);
    this.#arrived = [];
    const all = [...this.#state.lines, ...lines];
    const kept = all.slice(-this.#maxLines);
    this.#set({ lines: kept, hasOlder: this.#state.hasOlder || kept.length < all.length });
  }

  #refuse(thrown: unknown): void {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    this.#set({ refusal: message });
  }

  #set(change: Partial<FunctionLogState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function toLines(entries: readonly Entry[]): LogLine[] {
  return entries.flatMap((entry) => toLogLine(entry) ?? []);
}
