import { type Appended, type Log, type LogEntry, stableId } from "@anywire/core";
import {
  type AnywireError,
  type ConsentEntry,
  type DeliveryEntry,
  ERRORS,
  toAnywireError,
} from "@anywire/types";
import type { OutboundStep } from "./outbound-options.ts";

/** Which delivery a step is about. */
export interface StepSubject {
  readonly channel: string;
  readonly connection: string | null;
  readonly network: string;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** What recording needs. */
export interface DeliveryStepsOptions {
  readonly log: Pick<Log, "append">;
  readonly onError: (error: AnywireError) => void;
  readonly onStep: (step: OutboundStep) => void;
  /** Aborts when nothing can be recorded any more: the log is about to close. */
  readonly signal: AbortSignal;
}

/** Records the steps of deliveries as entries. The parts of an id say what makes a step the same one: it is stored once. */
export class DeliverySteps {
  readonly #options: DeliveryStepsOptions;
  /** Who appends here: two nodes that take the same step tell by it whose it is. */
  readonly #node = `outbound-${crypto.randomUUID()}`;

  constructor(options: DeliveryStepsOptions) {
    this.#options = options;
  }

  /** Whether a step was recorded here. */
  isOurs({ client }: Pick<LogEntry, "client">): boolean {
    return client === this.#node;
  }

  /** Appends a step. @throws {AnywireError} what the log throws */
  async append(
    subject: StepSubject,
    idParts: readonly (string | null)[],
    data: DeliveryEntry,
    told?: Pick<OutboundStep, "waitedMs">,
  ): Promise<Appended & { readonly isOurs: boolean }> {
    const { channel, connection, network } = subject;
    const { log, onStep } = this.#options;
    const appended = await log.append({
      channel,
      id: stableId(idParts),
      kind: "delivery",
      sender: connection === null ? "system:outbound" : `connection:${connection}`,
      client: this.#node,
      dataJson: JSON.stringify(data),
    });
    if (appended.isNew) {
      const failure = "error" in data ? { class: data.error.class } : {};
      onStep({ connection: connection ?? "", network, step: data.step, ...failure, ...told });
    }
    return { ...appended, isOurs: this.isOurs(appended.entry) };
  }

  /**
   * Appends what has become of a send: it can't be learned anew, so this is tried until it is stored or all ends.
   * @throws {AnywireError} what no waiting mends, or why the signal aborted
   */
  async record(...step: Parameters<DeliverySteps["append"]>): ReturnType<DeliverySteps["append"]> {
    return await this.#untilStored(() => this.append(...step));
  }

  async #untilStored<T>(store: () => Promise<T>): Promise<T> {
    const { onError, signal } = this.#options;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      signal.throwIfAborted();
      try {
        return await store();
      } catch (thrown) {
        const error = toAnywireError(thrown);
        if (!ERRORS[error.code].retry) throw error;
        if (waitMs === FIRST_WAIT_MS) onError(error);
        await pause(waitMs, signal);
      }
    }
  }

  /** Records that nothing more shall go to an address: the network says so. Tried until it is stored, as `record` does. */
  async suppress(contactChannel: string, idParts: readonly string[], data: ConsentEntry) {
    const draft = {
      channel: contactChannel,
      id: stableId(["suppressed", ...idParts]),
      kind: "consent",
      sender: `connection:${data.connection}`,
      dataJson: JSON.stringify(data),
    } as const;
    await this.#untilStored(() => this.#options.log.append(draft));
  }
}

/** Resolves after a while, or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
