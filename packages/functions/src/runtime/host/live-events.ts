import { type AfterSignal, type Listening, type Log, type Presence, stableId } from "@anywire/core";
import {
  type AnywireError,
  accountAddress,
  createEntryId,
  type EntryTrace,
  formatChannelName,
  platformOf,
  toAnywireError,
} from "@anywire/types";
import type { PresenceEventInput } from "../../author/events.ts";
import type { Deployed } from "./deployed.ts";
import { EVENT_TYPE, type KeptPresence, type KeptSignal } from "./happenings.ts";

/** What keeping live events needs. */
export interface LiveEventsOptions {
  readonly log: Pick<Log, "append">;
  readonly presence: Pick<Presence, "watch">;
  readonly deployed: Deployed;
  readonly onError: (error: AnywireError) => void;
}

/**
 * Keeps what happens live as entries, where a function waits for it, and only there: so that functions run after it as they do
 * after what is stored, at least once.
 */
export class LiveEvents {
  readonly #options: LiveEventsOptions;
  readonly #keeping = new Set<Promise<void>>();
  #listening: Listening | null = null;

  constructor(options: LiveEventsOptions) {
    this.#options = options;
  }

  /** Hears of those whose node died: of all others their own node tells. */
  start(): void {
    this.#listening = this.#options.presence.watch({
      onEvent: (event) => {
        if (event.type !== "leave" || event.isOrphan !== true) return;
        const { channel, member } = event;
        this.#inBackground(
          this.onPresence({
            action: "leave",
            channel,
            accountId: member.user,
            client: member.client,
          }),
        );
      },
    });
  }

  /** Resolves at once where no function waits for it, otherwise when it is kept. */
  readonly afterSignal: AfterSignal = ({ channel, member, kind, dataJson, trace }) => {
    if (!this.#options.deployed.table.awaits("afterSignal", channel)) return;
    const { client, user: accountId } = member;
    const data: KeptSignal = { channel, kind, accountId, client, data: JSON.parse(dataJson) };
    return this.#keep("signal", data, trace);
  };

  /** The same for who comes and goes. */
  async onPresence({
    channel,
    action,
    accountId,
    client,
  }: Pick<PresenceEventInput, "action" | "channel" | "accountId" | "client">): Promise<void> {
    if (!this.#options.deployed.table.awaits("afterPresence", channel)) return;
    await this.#keep("presence", { channel, action, accountId, client });
  }

  /** Hears nothing more; resolves when what it heard is kept. */
  async close(): Promise<void> {
    this.#listening?.stop();
    await Promise.all(this.#keeping);
  }

  async #keep(
    kind: "signal" | "presence",
    data: KeptSignal | KeptPresence,
    trace?: EntryTrace,
  ): Promise<void> {
    await this.#options.log.append({
      channel: eventChannel(data.channel),
      id: createEntryId(),
      kind,
      sender: accountAddress(data.accountId),
      client: data.client,
      dataJson: JSON.stringify(data),
      ...(trace === undefined ? {} : { trace }),
    });
  }

  #inBackground(work: Promise<void>): void {
    const keeping = work
      .catch((error: unknown) => this.#options.onError(toAnywireError(error)))
      .then(() => void this.#keeping.delete(keeping));
    this.#keeping.add(keeping);
  }
}

/** The one channel on which is kept what happens live on another, so that it keeps its order. */
export function eventChannel(channel: string): string {
  const id = stableId([channel]);
  return formatChannelName({ platform: platformOf(channel), type: EVENT_TYPE, id });
}
