import {
  type Appended,
  type Consumer,
  type ConsumerOptions,
  type EntryDraft,
  type EntryHandler,
  type Listening,
  type Log,
  type LogEntry,
  type LogPage,
  type LogQuery,
  manageLog,
} from "@anywire/core";
import { hearAll } from "../shared/hear-all.ts";
import { NodeConsumers } from "../shared/node-consumers.ts";
import { MemoryLogBackend } from "./memory-log-backend.ts";

/** Settings of a memory log; each has a default. */
export interface MemoryLogOptions {
  /** The clock, milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
  /** How long a consumer's node may be silent before another takes over, ms. Default 3,000. */
  readonly leaseMs?: number;
}

/** A `Log` that lives and dies with the process. For development, tests and logs nobody wants to keep. */
export function createMemoryLog(
  backend: MemoryLogBackend = new MemoryLogBackend(),
  options: MemoryLogOptions = {},
): Log {
  return manageLog(new MemoryLog(backend, options));
}

class MemoryLog implements Log {
  readonly capabilities = { isDurable: false };
  readonly epoch: string;
  readonly #backend: MemoryLogBackend;
  readonly #now: () => number;
  readonly #consumers: NodeConsumers;
  readonly #stops = new Set<() => void>();

  constructor(backend: MemoryLogBackend, { now = Date.now, leaseMs = 3_000 }: MemoryLogOptions) {
    this.#backend = backend;
    this.epoch = backend.epoch;
    this.#now = now;
    this.#consumers = new NodeConsumers(this, backend.consumers, leaseMs);
  }

  async start(): Promise<void> {}

  async append(draft: EntryDraft): Promise<Appended> {
    return this.#backend.append(draft, this.#now());
  }

  async read(query: LogQuery): Promise<LogPage> {
    return this.#backend.read(query);
  }

  async head(pattern: string): Promise<number> {
    return this.#backend.head(pattern);
  }

  tail(deliver: (entry: LogEntry) => void): Listening {
    const untail = this.#backend.tail(deliver);
    const stop = (): void => {
      untail();
      this.#stops.delete(stop);
    };
    this.#stops.add(stop);
    return hearAll(stop);
  }

  consume(options: ConsumerOptions, handle: EntryHandler): Promise<Consumer> {
    return this.#consumers.consume(options, handle);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
  }
}
