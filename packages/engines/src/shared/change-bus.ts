import type { Listening } from "@anywire/core";

/** Who listens to a bus. */
export interface BusListener {
  /** Hears of what was told on a followed topic, in the order in which one node told it. Must not throw. */
  onText(topic: string, text: string): void;
  /** Something may have been lost on the way; nothing that was told after it has been heard yet. Must not throw. */
  onMissed(): void;
}

/**
 * Carries short texts between the nodes of a cluster as fast as it can and without keeping them: news that a node which
 * missed them learns otherwise. Topics are named like channels and followed by name or pattern.
 */
export interface ChangeBus {
  /** Called once, before any other method. Buses that share a connection may be started in any order. */
  start(): Promise<void>;
  /** Tells all nodes, this one too. What can't be told because the connection is down makes `onMissed` on all nodes later. */
  tell(topic: string, text: string): void;
  /** Begins to listen. */
  listen(listener: BusListener): Listening;
  /** A second call is a no-op. */
  close(): Promise<void>;
}
