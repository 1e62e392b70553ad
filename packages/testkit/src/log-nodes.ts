import type { Appended, EntryDraft, Log, LogEntry } from "@anywire/core";

/** What the suite asks of a node. */
export interface LogNodeOptions {
  /** The clock of the node's entries, milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** How long a consumer's node may be silent before another takes over, ms. */
  readonly leaseMs: number;
}

/** One backend, empty at the start of each test, that several nodes can join. */
export interface LogBackend {
  /** A new log on this backend, not started. */
  createNode(options: LogNodeOptions): Log;
  /** Called after each test, once its nodes are closed. */
  dispose?(): Promise<void>;
}

/** The nodes of one test. */
export class LogNodes {
  /** Added to the clock of every node, ms. */
  clockShiftMs = 0;
  /** When set, the clock stands still there. */
  frozenAt: number | null = null;
  readonly #backend: LogBackend;
  readonly #nodes: Log[] = [];
  #ids = 0;

  constructor(backend: LogBackend) {
    this.#backend = backend;
  }

  /**
   * A node that has not been started. Its leases outlast the test, unless told otherwise: what a node
   * gives back must not have to run out.
   */
  create(leaseMs = 60_000): Log {
    const now = (): number => this.frozenAt ?? Date.now() + this.clockShiftMs;
    const node = this.#backend.createNode({ now, leaseMs });
    this.#nodes.push(node);
    return node;
  }

  /** A started node. */
  async join(leaseMs?: number): Promise<Log> {
    const node = this.create(leaseMs);
    await node.start();
    return node;
  }

  /** A draft with a new id, unless `over` says otherwise. */
  draft(channel: string, over: Partial<EntryDraft> = {}): EntryDraft {
    this.#ids += 1;
    const id = `id-${this.#ids}`;
    return {
      channel,
      id,
      kind: "message",
      sender: "account:ann",
      dataJson: `${this.#ids}`,
      ...over,
    };
  }

  /** Appends one entry to each channel, one after the other. */
  async append(log: Log, ...channels: string[]): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    for (const channel of channels) entries.push((await log.append(this.draft(channel))).entry);
    return entries;
  }

  /** Appends entries to one channel without waiting in between. */
  async appendMany(log: Log, channel: string, count: number): Promise<LogEntry[]> {
    const drafts = Array.from({ length: count }, () => this.draft(channel));
    const appended: Appended[] = await Promise.all(drafts.map((draft) => log.append(draft)));
    return appended.map(({ entry }) => entry);
  }

  /** Closes every node and the backend. */
  async dispose(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
    await this.#backend.dispose?.();
  }
}
