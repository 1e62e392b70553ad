import {
  type ChannelDocument,
  type Consumer,
  channelKey,
  type Log,
  type LogEntry,
  ORDINAL,
  type OrdinalDocument,
  type OriginDocument,
  originKey,
  type StateStore,
  sortableOffset,
} from "@anywire/core";
import {
  accountAddress,
  type ChannelTypeRegistry,
  type EntryData,
  parseChannelName,
} from "@anywire/types";
import { isReadMarking, isTyping } from "../../contract/abilities.ts";
import type { Connections, OpenConnection } from "../connections/connections.ts";
import { chooseAddress } from "../outbound/choose-address.ts";
import { findRecipients } from "../outbound/find-recipients.ts";

/** Shows people outside that somebody writes to them, or has read. Best effort: nothing is tried twice, and nothing waits for it. */
export interface LiveMarks {
  /** An account is writing on a channel. On every node, since it is told where it happens. Never throws. */
  typing(channel: string, accountId: string): void;
  /** Begins to tell what accounts have read: on one node of all. */
  start(): Promise<void>;
  /** Ends what is under way. A second call is a no-op. */
  close(): Promise<void>;
}

/** What showing marks needs. */
export interface LiveMarksOptions {
  readonly log: Log;
  readonly state: StateStore;
  readonly connections: Connections;
  readonly channelTypes: ChannelTypeRegistry;
  /** Milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** Networks show it for some seconds, so that it need not be told at every keystroke, ms. */
const TYPING_EVERY_MS = 4_000;
/** What was read so long ago is nobody's news, ms. */
const NEWS_MS = 60_000;
const TIMEOUT_MS = 5_000;
/** Messages looked through for the last one that came in. */
const MAX_LOOKED_AT = 50;
/** Channels that are remembered for having been told a moment ago. */
const MAX_REMEMBERED = 10_000;

/** Shows marks over networks that have them. */
export function createLiveMarks(options: LiveMarksOptions): LiveMarks {
  return new NetworkMarks(options);
}

/** Somebody outside, and the way there. */
interface Peer {
  readonly connection: OpenConnection;
  readonly to: string;
}

class NetworkMarks implements LiveMarks {
  readonly #options: LiveMarksOptions;
  readonly #now: () => number;
  readonly #end = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #toldAt = new Map<string, number>();
  #consumer: Consumer | undefined;

  constructor(options: LiveMarksOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  typing(channel: string, accountId: string): void {
    if (!this.#isOutside(channel) || this.#wasToldOf(channel)) return;
    this.#run(() => this.#showTyping(channel, accountId));
  }

  async start(): Promise<void> {
    const consumer = { name: "read-marks", pattern: "*.notification.*", startAt: "head" } as const;
    this.#consumer ??= await this.#options.log.consume(consumer, async (entry) => {
      if (entry.kind === "read") this.#run(() => this.#showRead(entry));
    });
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#consumer?.close();
    await Promise.all(this.#running);
  }

  /** Whatever goes wrong, it was worth no more than a try. */
  #run(work: () => Promise<void>): void {
    if (this.#end.signal.aborted) return;
    const running = work()
      .catch(() => undefined)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  #isOutside(channel: string): boolean {
    const { network = "app" } =
      this.#options.channelTypes.get(parseChannelName(channel).type) ?? {};
    return network !== "app" && network !== "any";
  }

  #wasToldOf(channel: string): boolean {
    const now = this.#now();
    if (now - (this.#toldAt.get(channel) ?? Number.NEGATIVE_INFINITY) < TYPING_EVERY_MS)
      return true;
    if (this.#toldAt.size >= MAX_REMEMBERED) this.#toldAt.clear();
    this.#toldAt.set(channel, now);
    return false;
  }

  async #showTyping(channel: string, accountId: string): Promise<void> {
    for (const { connection, to } of await this.#peers(channel, accountAddress(accountId))) {
      const { connector, context } = connection;
      if (!isTyping(connector)) continue;
      const last = await this.#lastInbound(channel, context.id, Number.MAX_SAFE_INTEGER);
      const signal = this.#signal();
      await connector.typing(
        { to, signal, ...(last !== undefined && { lastExternalId: last }) },
        context,
      );
    }
  }

  async #showRead(entry: LogEntry): Promise<void> {
    const { channel, offset, back } = JSON.parse(entry.dataJson) as EntryData<"read">;
    if (back || !this.#isOutside(channel) || this.#now() - entry.at > NEWS_MS) return;
    for (const { connection, to } of await this.#peers(channel, entry.sender)) {
      const { connector, context } = connection;
      if (!isReadMarking(connector)) continue;
      const externalId = await this.#lastInbound(channel, context.id, offset + 1);
      const signal = this.#signal();
      if (externalId !== undefined) await connector.markRead({ to, externalId, signal }, context);
    }
  }

  /** Those outside whom an account of the channel reaches; none for somebody who takes no part in it. */
  async #peers(channel: string, account: string): Promise<Peer[]> {
    const { state, connections, channelTypes } = this.#options;
    const { values } = await state.get([channelKey(channel)]);
    const document = values[0] as ChannelDocument | undefined;
    if (document === undefined || !document.participants.includes(account)) return [];
    const { platform, type } = parseChannelName(channel);
    const network = channelTypes.get(type)?.network ?? "app";
    const id = document.connection ?? (await connections.defaultOf(platform, network));
    const connection = id === undefined ? undefined : await connections.find(id);
    if (connection?.document.platform !== platform || !connection.document.isEnabled) return [];
    const peers: Peer[] = [];
    for await (const recipients of findRecipients(state, document, account)) {
      for (const { contact } of recipients) {
        const to = chooseAddress(contact, connection.connector);
        if (to !== undefined) peers.push({ connection, to });
      }
    }
    return peers;
  }

  /** What the network calls the last message before an offset that came in through a connection. */
  async #lastInbound(
    channel: string,
    connection: string,
    before: number,
  ): Promise<string | undefined> {
    const { state } = this.#options;
    const { items } = await state.list({
      partition: channel,
      prefix: ORDINAL,
      before: ORDINAL + sortableOffset(before),
      limit: MAX_LOOKED_AT,
      order: "desc",
    });
    const ids = items.map(({ value }) => (value as OrdinalDocument).id);
    if (ids.length === 0) return undefined;
    const { values } = await state.get(ids.map((id) => originKey(channel, id)));
    const origins = values as (OriginDocument | undefined)[];
    return origins.find((origin) => origin?.connection === connection)?.externalId;
  }

  #signal(): AbortSignal {
    return AbortSignal.any([this.#end.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  }
}
