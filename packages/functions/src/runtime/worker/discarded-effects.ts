import { AnywireError, createEntryId, formatTimetoken } from "@anywire/types";
import { type CallMethod, CHANGING, type Effect } from "../run.ts";
import { KeyValueOverlay } from "./key-value-overlay.ts";
import type { StartRun } from "./worker-messages.ts";

/** Asks the host. */
export type Ask = (method: CallMethod, args: readonly unknown[]) => Promise<unknown>;

/**
 * Answers the calls of a run whose effects are discarded: what only reads is asked of the host; what would change something is noted
 * and answered as if it had happened, and later reads of the run's keys see it.
 */
export class DiscardedEffects {
  readonly effects: Effect[] = [];
  readonly #ask: Ask;
  readonly #platform: string;
  readonly #keys: KeyValueOverlay;
  #offset = 0;

  constructor({ platform }: Pick<StartRun, "platform">, ask: Ask) {
    this.#ask = ask;
    this.#platform = platform;
    this.#keys = new KeyValueOverlay(ask);
  }

  note(method: Effect["method"], args: readonly unknown[]): void {
    this.effects.push({ method, args });
  }

  async call(method: CallMethod, args: readonly unknown[]): Promise<unknown> {
    if (CHANGING.has(method)) this.note(method, args);
    if (KeyValueOverlay.answers(method)) return await this.#keys.call(method, args);
    switch (method) {
      case "publish":
      case "publishData":
        return this.#published(args);
      case "channels.open":
        return this.#opened(args);
      case "channels.update": {
        const [channel, change] = args;
        const info = (await this.#ask("channels.get", [channel])) as object;
        return { ...info, ...(change as object) };
      }
      default:
        return CHANGING.has(method) ? undefined : await this.#ask(method, args);
    }
  }

  #published([channel, , options]: readonly unknown[]) {
    this.#offset += 1;
    const at = Date.now();
    const { id = createEntryId() } = (options ?? {}) as { readonly id?: string };
    return { id, channel, offset: this.#offset, timetoken: formatTimetoken(at, this.#offset), at };
  }

  #opened([request]: readonly unknown[]) {
    if (typeof request !== "object" || request === null || !("type" in request)) {
      throw new AnywireError("bad_request", "channels.open: give it { type, participants }");
    }
    const { type, participants, ...rest } = {
      title: null,
      avatarUrl: null,
      connection: null,
      history: "all",
      meta: {},
      participants: [],
      ...request,
    };
    return {
      ...rest,
      channel: `${this.#platform}.${type}.${createEntryId()}`,
      type,
      participants,
      participantCount: participants.length,
      messages: 0,
      archived: false,
      createdAt: Date.now(),
    };
  }
}
