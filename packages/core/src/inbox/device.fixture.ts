import type { Account, ChannelSummary, NotificationEvent, Snapshot, Totals } from "@anywire/types";
import type { Broadcast } from "../hub/broadcast.ts";
import type { Hub } from "../hub/hub.ts";
import type { Subscriber, Subscription } from "../hub/subscription.ts";

/** What a device shows. */
export interface Shown {
  readonly account: Account;
  readonly channels: readonly ChannelSummary[];
  readonly totals: Totals;
}

/** What a snapshot shows. */
export function shownBy({ account, channels, totals }: Snapshot): Shown {
  return { account, channels, totals };
}

/** A device as the documentation tells how to write one: a snapshot, and the events after it. */
export class Device implements Subscriber {
  isFull = false;
  readonly #hub: Hub;
  readonly #name: string;
  readonly #epoch: string;
  #subscription: Subscription | null = null;
  #connecting: Promise<void> | null = null;
  /** Where it would recover from. */
  #offset = 0;
  /** All events that came: some may have come while a snapshot was on its way, and not be in it. */
  readonly #events: { readonly event: NotificationEvent; readonly offset: number }[] = [];
  #snapshot: Snapshot | null = null;
  #channels = new Map<string, ChannelSummary>();
  #totals: Totals = { unread: 0, unreadChannels: 0 };
  #account: Account | null = null;
  isLost = false;

  constructor(hub: Hub, name: string, epoch: string) {
    this.#hub = hub;
    this.#name = name;
    this.#epoch = epoch;
  }

  get isConnected(): boolean {
    return this.#subscription !== null;
  }

  /** Subscribes, the second time from where it was. */
  connect(): Promise<void> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #connect(): Promise<void> {
    if (this.#subscription !== null) return;
    const recoverFrom = { offset: this.#offset, epoch: this.#epoch };
    const options = this.#offset === 0 ? {} : { recoverFrom };
    const subscribed = await this.#hub.subscribe(this.#name, this, options);
    if (this.#offset !== 0 && !subscribed.isRecovered) throw new Error("was not recovered");
    this.#subscription = subscribed.subscription;
    for (const broadcast of subscribed.broadcasts) this.enqueue(broadcast);
    this.#offset = Math.max(this.#offset, subscribed.offset);
    await this.#hub.catchUp(subscribed.subscription);
  }

  disconnect(): void {
    if (this.#subscription !== null) this.#hub.unsubscribe(this.#subscription);
    this.#subscription = null;
  }

  /** Shows a snapshot; what came before it and is not in it is applied on top. */
  take(snapshot: Snapshot): void {
    // Of two that were on their way the newer one counts.
    if (snapshot.offset < (this.#snapshot?.offset ?? 0)) return;
    this.#snapshot = snapshot;
    this.#channels = new Map(snapshot.channels.map((row) => [row.channel, row]));
    this.#totals = snapshot.totals;
    this.#account = snapshot.account;
    for (const { event, offset } of this.#events) this.#apply(event, offset);
  }

  /** What it shows now. */
  get shown(): Shown | null {
    if (this.#account === null) return null;
    const channels = [...this.#channels.values()];
    channels.sort((a, b) => b.activityOffset - a.activityOffset);
    return { account: this.#account, channels, totals: this.#totals };
  }

  enqueue({ event }: Broadcast): void {
    if (event.type !== "entry") return;
    const { offset, dataJson } = event.entry;
    if (offset <= this.#offset) throw new Error(`offset ${offset} comes after ${this.#offset}`);
    this.#offset = offset;
    const told = JSON.parse(dataJson) as NotificationEvent;
    this.#events.push({ event: told, offset });
    if (this.#snapshot !== null) this.#apply(told, offset);
  }

  enqueueAll(broadcasts: readonly Broadcast[]): void {
    for (const broadcast of broadcasts) this.enqueue(broadcast);
  }

  fellBehind(): void {}

  stalled(): void {
    this.isLost = true;
  }

  lost(): void {
    this.isLost = true;
  }

  missedJoins(): void {}

  #apply({ event, channel, change, totals, account }: NotificationEvent, offset: number): void {
    if (offset <= (this.#snapshot?.offset ?? 0)) return;
    this.#totals = totals;
    if (account !== undefined) this.#account = account;
    if (channel === undefined) return;
    if (event === "channel.left") this.#channels.delete(channel);
    const row = this.#channels.get(channel);
    if (event === "channel.opened") this.#channels.set(channel, change as ChannelSummary);
    else if (row !== undefined)
      this.#channels.set(channel, { ...row, ...(change as ChannelSummary) });
  }
}
