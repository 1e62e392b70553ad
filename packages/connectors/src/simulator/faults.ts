import type { Fault } from "../contract/simulator.ts";

/** The faults of one kind. */
export type FaultOf<K extends Fault["kind"]> = Extract<Fault, { kind: K }>;

/**
 * What can go wrong in every network whose API is `startNetworkServer` and whose webhooks are a `WebhookSender`. That a message
 * fails after it was taken, `fail_later`, is a network's own: only some tell it.
 */
export const SHARED_FAULTS: readonly Fault["kind"][] = [
  "rate_limit",
  "server_error",
  "accept_then_hang",
  "accept_then_close",
  "html",
  "drop_webhook",
  "duplicate_webhook",
  "reorder_webhook",
  "late_webhook",
];

/** What goes wrong next. */
export class Faults {
  readonly #faults: { fault: Fault; left: number }[] = [];

  inject(fault: Fault): void {
    if (fault.times > 0) this.#faults.push({ fault, left: fault.times });
  }

  /** The next fault of one of these kinds, counted down; undefined when all goes well. */
  take<K extends Fault["kind"]>(...kinds: readonly K[]): FaultOf<K> | undefined {
    const found = this.#faults.find(({ fault }) =>
      (kinds as readonly string[]).includes(fault.kind),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left === 0) this.#faults.splice(this.#faults.indexOf(found), 1);
    return found.fault as FaultOf<K>;
  }
}
