import { holdLease, type LeaseHolder } from "@anywire/core";
import type { ConnectionHealth } from "@anywire/types";
import { pause } from "./delivery-steps.ts";
import {
  OUTBOUND_DEFAULTS,
  type Outbound,
  type OutboundOptions,
  type OutboundStats,
} from "./outbound-options.ts";
import { OutboundWork } from "./outbound-work.ts";
import { untilAborted } from "./until-aborted.ts";

/** What is at a network is given so long when another node has taken over, ms. */
const HAND_OVER_MS = 5_000;

/** Sends what is said on channels of networks. */
export function createOutbound(options: OutboundOptions): Outbound {
  return new LeasedOutbound(options);
}

class LeasedOutbound implements Outbound {
  readonly #options: OutboundOptions;
  readonly #leaseMs: number;
  #lease: LeaseHolder | null = null;
  #work: OutboundWork | null = null;
  #endWithinMs = HAND_OVER_MS;

  constructor(options: OutboundOptions) {
    this.#options = options;
    this.#leaseMs = options.settings?.leaseMs ?? OUTBOUND_DEFAULTS.leaseMs;
  }

  start(): void {
    const { kv, onError } = this.#options;
    const lease = { name: "outbound", leaseMs: this.#leaseMs, onError };
    this.#lease ??= holdLease(kv, lease, (signal) => this.#hold(signal));
  }

  health(connection: string): ConnectionHealth | undefined {
    return this.#work?.worker(connection)?.health;
  }

  stats(): readonly OutboundStats[] {
    return this.#work?.stats() ?? [];
  }

  async close(withinMs: number): Promise<void> {
    this.#endWithinMs = withinMs;
    await this.#lease?.close();
  }

  async #hold(signal: AbortSignal): Promise<void> {
    const work = new OutboundWork(this.#options, signal, () => this.#lease?.isHeld === true);
    this.#work = work;
    try {
      await work.start();
      while (!signal.aborted) {
        // What takes longer has the time that `end` gives.
        await untilAborted(work.look(), signal, undefined);
        await pause(work.watchMs, signal);
      }
    } finally {
      this.#work = null;
      await work.end(this.#endWithinMs);
    }
  }
}
