import type { LogEntry } from "../ports/log.ts";
import type { LiveEvent } from "../ports/presence.ts";

/** What a subscriber can be told: a stored entry, or something live. */
export type HubEvent = { readonly type: "entry"; readonly entry: LogEntry } | LiveEvent;

/**
 * One event on its way to all subscriptions of one topic. Edges keep its encoded forms here, so that it
 * is encoded once for each wire encoding, however many subscribers there are.
 */
export class Broadcast {
  /** The channel or pattern subscribed to. */
  readonly topic: string;
  /** Length of an entry's data when it came, characters. */
  readonly length: number;
  #event: HubEvent;
  /** JSON form, set by the edge that encodes it first. */
  json: string | undefined = undefined;
  /** Protobuf form, set by the edge that encodes it first. */
  protobuf: Uint8Array | undefined = undefined;

  constructor(topic: string, event: HubEvent) {
    this.topic = topic;
    this.#event = event;
    this.length = event.type === "entry" ? event.entry.dataJson.length : 0;
  }

  /** What it tells. */
  get event(): HubEvent {
    return this.#event;
  }

  /** Tells something else from now on. */
  replace(event: HubEvent): void {
    this.#event = event;
    this.json = undefined;
    this.protobuf = undefined;
  }

  /** The entry's offset, `0` for what is not stored. */
  get offset(): number {
    return this.event.type === "entry" ? this.event.entry.offset : 0;
  }
}
