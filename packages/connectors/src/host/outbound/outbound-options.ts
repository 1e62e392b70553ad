import type { KeyValueStore, Log, StateStore } from "@anywire/core";
import type { AnywireError, ChannelTypeRegistry, ConnectionHealth } from "@anywire/types";
import type { MediaSource } from "../../contract/send.ts";
import type { Connections } from "../connections/connections.ts";

/** How deliveries are worked. */
export interface OutboundSettings {
  /** How long a network may take to answer, ms, before the outcome counts as unknown. */
  readonly sendTimeoutMs: number;
  /** Sends of one delivery that surely failed before it is given up. */
  readonly maxAttempts: number;
  /** How long a message may wait before it is not sent any more, ms. */
  readonly lifetimeMs: number;
  /** Sends at the same time through one connection. */
  readonly concurrency: number;
  /** How long a node may be silent before another sends in its place, ms. */
  readonly leaseMs: number;
  /** Wait before the second attempt, ms; doubles with each one. */
  readonly minBackoffMs: number;
  /** The longest wait between two attempts, ms. */
  readonly maxBackoffMs: number;
  /** Failures of a connection in a row after which it is left alone for a while. */
  readonly breakerFailures: number;
  /** How long it is left alone at first, ms; doubles. */
  readonly breakerPauseMs: number;
  /** How long it is left alone at most, ms, unless the network asks for more. */
  readonly breakerMaxPauseMs: number;
  /** Waits before each question to the network what became of a message, ms. */
  readonly reconcileAfterMs: readonly number[];
  /** How often connections that changed, fallbacks and what has run out are looked at, ms. */
  readonly watchMs: number;
  /** The most deliveries of one connection that are kept in memory; the others wait in the state. */
  readonly windowDeliveries: number;
}

/** What is used where nothing else is asked for. */
export const OUTBOUND_DEFAULTS: OutboundSettings = {
  sendTimeoutMs: 30_000,
  maxAttempts: 8,
  lifetimeMs: 86_400_000,
  concurrency: 32,
  leaseMs: 3_000,
  minBackoffMs: 1_000,
  maxBackoffMs: 600_000,
  breakerFailures: 5,
  breakerPauseMs: 5_000,
  breakerMaxPauseMs: 60_000,
  reconcileAfterMs: [0, 1_000, 5_000, 30_000, 120_000],
  watchMs: 1_000,
  windowDeliveries: 20_000,
};

/** Something that happened to a delivery here, for metrics. */
export interface OutboundStep {
  readonly connection: string;
  readonly network: string;
  /** One of the steps of a delivery's entries, such as `sent`. */
  readonly step: string;
  /** The class of the trouble, where there is some. */
  readonly class?: string;
  /** For `sent`: how long the delivery waited and took, ms. */
  readonly waitedMs?: number;
}

/** What sending needs. */
export interface OutboundOptions {
  readonly log: Log;
  readonly state: StateStore;
  readonly kv: KeyValueStore;
  readonly connections: Connections;
  readonly channelTypes: ChannelTypeRegistry;
  /** The bytes behind an attachment's URL (`/v1/attachments/<id>`); undefined for a foreign URL or one that is gone. */
  readonly mediaSource: (url: string) => Promise<MediaSource | undefined>;
  readonly settings?: Partial<OutboundSettings>;
  readonly onError: (error: AnywireError) => void;
  /** Must not throw. */
  readonly onStep?: (step: OutboundStep) => void;
  /** Milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** How one connection's sending stands. */
export interface OutboundStats {
  readonly connection: string;
  /** Deliveries in memory that wait. */
  readonly open: number;
  /** Deliveries at the network right now. */
  readonly inFlight: number;
  readonly breaker: "closed" | "open" | "half_open";
}

/**
 * Sends what is said on channels of networks: plans a delivery for each contact, works them off through each connection in
 * their order, and records every step as an entry. One node of all does it; what a node that died had handed to the network is
 * not sent again without knowing what became of it.
 */
export interface Outbound {
  /** Asks for the lease, and works while it is held. */
  start(): void;
  /** How a connection is, as its sends tell; undefined where this node does not send through it. */
  health(connection: string): ConnectionHealth | undefined;
  /** By connection; empty where this node does not send. */
  stats(): readonly OutboundStats[];
  /** Lets sends under way end within this time, and hands the work to another node. What does not end is unknown to it. */
  close(withinMs: number): Promise<void>;
}
