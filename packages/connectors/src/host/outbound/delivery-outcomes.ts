import type { DeliveryDocument } from "@anywire/core";
import { type AnywireError, platformOf, toAnywireError } from "@anywire/types";
import { isReconciling } from "../../contract/abilities.ts";
import type { Rejected, SendResult } from "../../contract/send.ts";
import type { OpenConnection } from "../connections/connections.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { QueuedDelivery } from "./delivery-queue.ts";
import type { DeliverySender, HandedOver, Prepared } from "./delivery-sender.ts";
import { type DeliverySteps, pause } from "./delivery-steps.ts";
import type { OutboundSettings } from "./outbound-options.ts";
import { cutReason, errorOf, sentStep } from "./outcome-steps.ts";
import { BREAKING, backoffMs, NEUTRAL, RETRY_RULES } from "./retry-rules.ts";

/** What recording outcomes needs. */
export interface DeliveryOutcomesOptions {
  readonly sender: DeliverySender;
  readonly steps: DeliverySteps;
  /** That of the connection as it is now. */
  readonly breaker: () => CircuitBreaker;
  readonly settings: OutboundSettings;
  readonly onError: (error: AnywireError) => void;
  readonly now: () => number;
  /** Milliseconds by a clock that is never set, the breaker's. */
  readonly clock: () => number;
  readonly stop: AbortSignal;
  /** It waits for another turn. */
  readonly putBack: (item: QueuedDelivery) => void;
  /** Nothing leaves through the connection for so long. */
  readonly pause: (ms: number) => void;
  /** The connection as it is now. */
  readonly find: () => Promise<OpenConnection | undefined>;
}

/** A delivery that was handed to the network. */
export interface Turn {
  readonly item: QueuedDelivery;
  readonly connection: OpenConnection;
  readonly prepared: Prepared;
  readonly handed: HandedOver;
  /** That of the connection as it was when this began. */
  readonly breaker: CircuitBreaker;
  /** Whether it tried a connection that did not work. */
  readonly isProbe: boolean;
}

/** What is known of a delivery that has left. */
interface Left {
  readonly prepared: Pick<Prepared, "delivery">;
  readonly handed: HandedOver;
}

/** So often the network is asked before the channel goes on without the answer. */
const ASKED_WHILE_HELD = 3;
const PASSED = `the network was asked ${ASKED_WHILE_HELD} times and can't tell yet; its channel goes on, so it may come behind newer messages`;
const AGAIN_MS = 1_000;

/**
 * Says what follows from what a network answered, and records it. Sent again is only what surely did not go out, or what the network
 * knows to be the same; where no answer came, the network is asked; where it can't tell, a receipt or a person decides.
 */
export class DeliveryOutcomes {
  readonly #options: DeliveryOutcomesOptions;
  readonly #asking = new Set<string>();

  constructor(options: DeliveryOutcomesOptions) {
    this.#options = options;
  }

  /** Whether the network is being asked what became of it. */
  isAsking(id: string): boolean {
    return this.#asking.has(id);
  }

  /** Resolves when the outcome is on record, or the next of the channel may go on without it. Never rejects. */
  async conclude(turn: Turn, result: SendResult): Promise<void> {
    try {
      await this.#record(turn, result);
    } catch (error) {
      await this.#leaveOpen(turn, error);
    }
  }

  /** It is on record that it leaves, and it did not. Never rejects. */
  async takeBack(turn: Turn): Promise<void> {
    const { now, steps } = this.#options;
    const { delivery } = turn.prepared;
    const reason = "this server was cut off from the others before it sent it";
    const error = { class: "network", reason } as const;
    const step = { step: "postponed", id: delivery.id, dueAt: now(), isAttempt: false } as const;
    try {
      await steps.record(delivery, stepId("postponed", turn), { ...step, error });
    } catch (thrown) {
      this.#tell(thrown);
    }
  }

  /** Finds out what became of a delivery that a process left behind in the middle. Never rejects. */
  async recover(item: QueuedDelivery, delivery: DeliveryDocument): Promise<void> {
    const { stop, onError } = this.#options;
    while (!stop.aborted) {
      try {
        await this.#recoverOnce(item, delivery);
        return;
      } catch (error) {
        if (stop.aborted) return;
        onError(toAnywireError(error));
        await pause(AGAIN_MS * 5, stop);
      }
    }
  }

  async #record(turn: Turn, result: SendResult): Promise<void> {
    const { clock, now, steps } = this.#options;
    if (result.outcome === "accepted") {
      turn.breaker.succeeded(clock());
      const { delivery, warnings } = turn.prepared;
      const waitedMs = now() - delivery.createdAt;
      const step = sentStep(delivery.id, result, warnings);
      await steps.record(delivery, stepId("sent", turn), step, { waitedMs });
    } else if (result.outcome === "rejected") await this.#rejected(turn, result);
    else await this.#unknown(turn, result.reason);
  }

  async #rejected(turn: Turn, rejected: Rejected): Promise<void> {
    const { settings, now, steps, putBack } = this.#options;
    const { delivery } = turn.prepared;
    const { id } = delivery;
    const rule = RETRY_RULES[rejected.class];
    this.#tellBreaker(turn, rejected);
    const error = errorOf(rejected);
    // While a connection does not work, those that try it have made no attempt.
    const isAttempt = rule.countsAsAttempt && !(turn.isProbe && BREAKING.has(rejected.class));
    const isOver = !rule.retry || (isAttempt && turn.handed.attempt >= settings.maxAttempts);
    if (rejected.suppressAddress === true) {
      await this.#suppress(turn, rejected).catch((error: unknown) => this.#tell(error));
    }
    if (isOver) {
      await steps.record(delivery, stepId("failed", turn), { step: "failed", id, error });
      return;
    }
    const waitMs = backoffMs(isAttempt ? turn.handed.attempt : 1, rejected, settings);
    const dueAt = now() + waitMs;
    if (NEUTRAL.has(rejected.class)) this.#options.pause(waitMs);
    const step = { step: "postponed", id, dueAt, isAttempt, error } as const;
    const { entry } = await steps.record(delivery, stepId("postponed", turn), step);
    putBack({ ...turn.item, dueAt, atLeast: entry.offset });
  }

  #tellBreaker({ breaker, isProbe }: Turn, { class: kind, reason, retryAfterMs }: Rejected): void {
    const { clock } = this.#options;
    if (BREAKING.has(kind))
      breaker.failed({ class: kind, reason: cutReason(reason), retryAfterMs }, clock());
    else if (!NEUTRAL.has(kind)) breaker.succeeded(clock());
    else if (isProbe) breaker.abandoned();
  }

  async #suppress({ prepared, handed }: Turn, { reason }: Rejected): Promise<void> {
    const { id, channel, participant, address, connection } = prepared.delivery;
    if (address === null) return;
    const contact = participant.slice("contact:".length);
    await this.#options.steps.suppress(
      `${platformOf(channel)}.contact.${contact}`,
      [id, String(handed.offset)],
      { address, connection, state: "out", source: "network", reason: cutReason(reason) },
    );
  }

  /** No answer came. */
  async #unknown(turn: Turn, reason: string): Promise<void> {
    if (isSafeToRepeat(turn)) {
      await this.#rejected(turn, { outcome: "rejected", class: "network", reason });
      return;
    }
    const failure = { class: "network", reason: cutReason(reason) } as const;
    turn.breaker.failed(failure, this.#options.clock());
    if (isReconciling(turn.connection.connector)) await this.#ask(turn, reason);
    else await this.#giveUpAsking(turn, reason);
  }

  /** Asks until the network tells; the channel waits for the first few questions only. */
  async #ask(turn: Turn, reason: string): Promise<void> {
    await new Promise<void>((goOn) => {
      const asking = this.#askAgainAndAgain(turn, reason, (asked) => {
        if (asked >= ASKED_WHILE_HELD) goOn();
      });
      const { id } = turn.prepared.delivery;
      this.#asking.add(id);
      const end = (): void => {
        this.#asking.delete(id);
        goOn();
      };
      asking.catch((error: unknown) => this.#leaveOpen(turn, error)).finally(end);
    });
  }

  async #askAgainAndAgain(
    turn: Turn,
    reason: string,
    onAsked: (asked: number) => void,
  ): Promise<void> {
    const { settings, sender, stop } = this.#options;
    let asked = 0;
    for (const waitMs of settings.reconcileAfterMs) {
      if (waitMs > 0) await pause(waitMs, stop);
      // Who works next asks on.
      if (stop.aborted) return;
      const told = await sender.ask(turn.connection, turn.prepared, turn.handed.attempt);
      if (told !== undefined) return await this.#record(turn, told);
      asked += 1;
      if (asked === 1) await this.#unconfirmed("unconfirmed", turn, reason);
      if (asked === ASKED_WHILE_HELD && asked < settings.reconcileAfterMs.length) {
        await this.#unconfirmed("passed", turn, `${PASSED} (${reason})`);
      }
      onAsked(asked);
    }
    await this.#giveUpAsking(turn, reason);
  }

  /** What became of it can't be recorded: that is told, and a receipt or a person decides. Never rejects. */
  async #leaveOpen(turn: Turn, error: unknown): Promise<void> {
    this.#tell(error);
    const reason =
      "what became of it could not be recorded; look at the network whether it arrived";
    try {
      await this.#giveUpAsking(turn, reason);
    } catch (again) {
      // It is on record that it left: the next start finds it so.
      this.#tell(again);
    }
  }

  #tell(error: unknown): void {
    // What ends because all ends is no failure.
    if (!this.#options.stop.aborted) this.#options.onError(toAnywireError(error));
  }

  async #giveUpAsking(left: Left, reason: string): Promise<void> {
    await this.#unconfirmed("unknown", left, reason, true);
  }

  async #unconfirmed(name: string, left: Left, reason: string, isFinal = false): Promise<void> {
    const { delivery } = left.prepared;
    const step = { step: "unconfirmed", id: delivery.id, isFinal } as const;
    const told = { ...step, reason: cutReason(reason) };
    await this.#options.steps.record(delivery, stepId(name, left), told);
  }

  async #recoverOnce(item: QueuedDelivery, delivery: DeliveryDocument): Promise<void> {
    const reason =
      delivery.error?.reason ?? "the server stopped while it was handing this to the network";
    const handed = { attempt: delivery.attempts, offset: delivery.steps.at(-1) ?? 0 };
    const breaker = this.#options.breaker();
    const connection = await this.#options.find();
    const prepared =
      connection === undefined ? undefined : await this.#options.sender.recall(connection, item);
    const status = prepared?.delivery?.status ?? delivery.status;
    // A receipt was faster, or who had it is not gone after all.
    if (status !== "sending" && status !== "unconfirmed") return;
    if (connection === undefined || prepared === undefined || !("job" in prepared)) {
      await this.#giveUpAsking({ prepared: { delivery }, handed }, reason);
      return;
    }
    const turn = { item, connection, prepared, handed, breaker, isProbe: false };
    await this.#unknownAfterStart(turn, reason);
  }

  async #unknownAfterStart(turn: Turn, reason: string): Promise<void> {
    if (isSafeToRepeat(turn)) {
      const error = { class: "network", reason: cutReason(reason) } as const;
      const { delivery } = turn.prepared;
      const dueAt = this.#options.now();
      const step = { step: "postponed", id: delivery.id, dueAt, isAttempt: true, error } as const;
      const { entry } = await this.#options.steps.record(delivery, stepId("postponed", turn), step);
      this.#options.putBack({ ...turn.item, dueAt, atLeast: entry.offset });
    } else if (isReconciling(turn.connection.connector)) await this.#ask(turn, reason);
    else await this.#giveUpAsking(turn, reason);
  }
}

/** Whether a second time changes nothing at the network: it knows the delivery by its key, or changes are what they are. */
function isSafeToRepeat({ connection, prepared }: Turn): boolean {
  return prepared.delivery.action !== "send" || connection.capabilities.idempotency === "key";
}

/** What comes of one turn is stored once. */
function stepId(step: string, { prepared, handed }: Left): string[] {
  return [step, prepared.delivery.id, String(handed.offset)];
}
