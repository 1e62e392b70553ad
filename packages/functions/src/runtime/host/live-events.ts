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

/** Names of channels are remembered by what they are for, so many of them. */
const MAX_NAMES = 10_000;

/**
 * Keeps what happens live as entries, where a function waits for it, and only there: so that functions run after it as they do
 * after what is stored, at least once.
 */
export class LiveEvents {
  readonly #options: LiveEventsOptions;
  /** Promises, so that what happens first on a channel is kept in its order as well. */
  readonly #names = new Map<string, Promise<string>>();
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
      channel: await this.#nameFor(data.channel),
      id: createEntryId(),
      kind,
      sender: accountAddress(data.accountId),
      client: data.client,
      dataJson: JSON.stringify(data),
      ...(trace === undefined ? {} : { trace }),
    });
  }

  /** One channel for what happens on each, so that it keeps its order. */
  #nameFor(channel: string): Promise<string> {
    const known = this.#names.get(channel);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_NAMES) this.#names.clear();
    const name = eventChannel(channel);
    this.#names.set(channel, name);
    return name;
  }

  #inBackground(work: Promise<void>): void {
    const keeping = work
      .catch((error: unknown) => this.#options.onError(toAnywireError(error)))
      .then(() => void this.#keeping.delete(keeping));
    this.#keeping.add(keeping);
  }
}

/** The channel on which is kept what happens live on another one. */
export async function eventChannel(channel: string): Promise<string> {
  const id = await stableId([channel]);
  return formatChannelName({ platform: platformOf(channel), type: EVENT_TYPE, id });
}
