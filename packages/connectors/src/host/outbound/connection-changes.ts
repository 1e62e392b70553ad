import type { Listening, Log, LogEntry } from "@anywire/core";
import { parseChannelName } from "@anywire/types";
import type { KnownConnection } from "./known-connections.ts";

/** Connections to look at, once the state has the entry at this offset. */
export interface ChangedConnections {
  readonly connections: readonly KnownConnection[];
  readonly atLeast: number;
}

/** Which connections are to be looked at: the log tells what was decided about one, so all others can be left alone. */
export class ConnectionChanges {
  readonly #log: Log;
  #changed = new Map<string, KnownConnection>();
  #atLeast = 0;
  #listening: Listening | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  /** When it resolves, every change from now on is heard. @throws {AnywireError} `unavailable` */
  async start(): Promise<void> {
    this.#listening = this.#log.tail((entry) => this.#heard(entry));
    await this.#listening.follow("*.connection.*");
  }

  stop(): void {
    this.#listening?.stop();
  }

  /** These are to be looked at, too. */
  add(connections: Iterable<KnownConnection>, atLeast: number): void {
    for (const { id, platform } of connections) this.#changed.set(id, { id, platform });
    this.#atLeast = Math.max(this.#atLeast, atLeast);
  }

  /** What changed since it was asked last. */
  take(): ChangedConnections {
    const connections = [...this.#changed.values()];
    this.#changed = new Map();
    return { connections, atLeast: this.#atLeast };
  }

  #heard({ channel, kind, offset }: LogEntry): void {
    if (kind !== "connection") return;
    this.add([parseChannelName(channel)], offset);
  }
}
