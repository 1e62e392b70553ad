import type { Account, ChannelSummary, NotificationEvent, Snapshot, Totals } from "@anywire/types";

/** What a device shows of its account. Never changed: an event gives another one. */
export interface StoreState {
  readonly account: Account;
  /** By name. */
  readonly channels: ReadonlyMap<string, ChannelSummary>;
  /** Names, newest activity first. */
  readonly order: readonly string[];
  readonly totals: Totals;
  /** Events up to here are in it. */
  readonly offset: number;
  /** The identity of the log. */
  readonly epoch: string;
}

/** The state that a snapshot shows. */
export function fromSnapshot({ account, channels, totals, offset, epoch }: Snapshot): StoreState {
  const byName = new Map(channels.map((row) => [row.channel, row]));
  return { account, channels: byName, order: orderOf(byName), totals, offset, epoch };
}

/** The state after an event; the same one for an event that is in it already. */
export function applyEvent(
  state: StoreState,
  { event, channel, change, totals, account = state.account }: NotificationEvent,
  offset: number,
): StoreState {
  if (offset <= state.offset) return state;
  const next = { ...state, totals, account, offset };
  if (channel === undefined) return next;
  const row = state.channels.get(channel);
  const channels = new Map(state.channels);
  if (event === "channel.left") channels.delete(channel);
  else if (event === "channel.opened") channels.set(channel, change as ChannelSummary);
  else if (row !== undefined) channels.set(channel, { ...row, ...(change as ChannelSummary) });
  const isMoved = channels.get(channel)?.activityOffset !== row?.activityOffset;
  return { ...next, channels, order: isMoved ? orderOf(channels) : state.order };
}

function orderOf(channels: ReadonlyMap<string, ChannelSummary>): string[] {
  const rows = [...channels.values()].sort((a, b) => b.activityOffset - a.activityOffset);
  return rows.map(({ channel }) => channel);
}
