import { accountAddress, type Message, parseChannelName } from "@anywire/types";
import type { Log, LogEntry } from "../ports/log.ts";
import type { StateStore } from "../ports/state-store.ts";
import type { AccountDocument, ChannelDocument } from "../state/documents.ts";
import { previewOf } from "../state/fold-message.ts";
import { ACCOUNT } from "../state/state-key.ts";
import { accountEventText, EventText, eventEntry } from "./event-text.ts";
import { type Membership, readMemberships } from "./memberships.ts";
import { channelSummary, totalsOf } from "./summary.ts";

/** What an account missed. */
export interface MissedPage {
  /** Events as entries of its notification channel, oldest first. */
  readonly entries: readonly LogEntry[];
  readonly hasMore: boolean;
}

/** Where it is read from. */
export interface MissedSource {
  readonly state: StateStore;
  readonly log: Pick<Log, "read">;
}

/** What the events of one account are made from. */
interface Present {
  readonly name: string;
  readonly address: string;
  readonly byChannel: ReadonlyMap<string, Membership>;
  readonly account: AccountDocument | undefined;
  readonly totals: ReturnType<typeof totalsOf>;
}

/**
 * The events that came after an offset, as far as the state has come: the entries of the account's own notification
 * channel and of the channels it takes part in, merged. Each carries the counts of now: whoever applies them in order
 * ends where the state is.
 */
export async function readMissed(
  { state, log }: MissedSource,
  name: string,
  after: number,
  limit: number,
): Promise<MissedPage> {
  const { all, position } = await readMemberships(state, name);
  const present = await readPresent(state, name, all);
  const sources = [name, ...all.filter((one) => changedAfter(one, after)).map(channelOf)];
  const events: LogEntry[] = [];
  for (let from = after; ; ) {
    const { entries, horizon } = await readMerged(log, sources, from, position, limit);
    for (const entry of entries) {
      const dataJson = eventOf(present, entry);
      if (dataJson !== undefined) events.push(eventEntry(name, entry, dataJson));
    }
    // A page is never empty as long as there is more: its last event says where the next one begins.
    if (horizon >= position || events.length >= limit) {
      const hasMore = horizon < position || events.length > limit;
      return { entries: events.slice(0, limit), hasMore };
    }
    from = horizon;
  }
}

async function readPresent(
  state: StateStore,
  name: string,
  all: readonly Membership[],
): Promise<Present> {
  const { values } = await state.get([{ partition: name, sort: ACCOUNT }]);
  const active = all.filter(({ membership }) => membership.leftOffset === null);
  return {
    name,
    address: accountAddress(parseChannelName(name).id),
    byChannel: new Map(all.map((one) => [channelOf(one), one])),
    account: values[0] as AccountDocument | undefined,
    totals: totalsOf(
      active.map(({ document, membership }) => channelSummary(document, membership)),
    ),
  };
}

/** Entries of several channels in one order, complete from `after` to the horizon. */
async function readMerged(
  log: Pick<Log, "read">,
  sources: readonly string[],
  after: number,
  position: number,
  limit: number,
): Promise<{ readonly entries: readonly LogEntry[]; readonly horizon: number }> {
  let horizon = position;
  const pages = await Promise.all(
    sources.map((pattern) =>
      log.read({ pattern, after, before: position + 1, limit, order: "asc" }),
    ),
  );
  for (const { entries, hasMore } of pages) {
    if (hasMore) horizon = Math.min(horizon, entries.at(-1)?.offset ?? position);
  }
  const entries = pages
    .flatMap((page) => page.entries)
    .filter(({ offset }) => offset <= horizon)
    .sort((a, b) => a.offset - b.offset);
  return { entries, horizon };
}

function eventOf(present: Present, entry: LogEntry): string | undefined {
  const { name, account, totals, byChannel, address } = present;
  if (entry.channel === name && entry.kind === "account") {
    return account === undefined ? undefined : accountEventText(entry, account, totals);
  }
  const channel = entry.channel === name ? channelNamed(entry) : entry.channel;
  const known = channel === undefined ? undefined : byChannel.get(channel);
  if (channel === undefined || known === undefined) return undefined;
  if (!concerns(known, entry)) return undefined;
  const { document, membership } = known;
  const { joinedOffset, leftOffset } = membership;
  const text = new EventText(entry, channel, asSaid(document, entry));
  if (entry.offset === leftOffset) return text.left(totals);
  if (leftOffset !== null) return undefined;
  if (entry.offset === joinedOffset) return text.opened(membership, document, totals);
  if (entry.kind === "delete_for_me") return text.messageHidden(totals);
  return text.changed(address, membership, document.messages, totals);
}

/** Whether an entry is of an account's time in a channel, and was taken by the state, as far as that can be seen. */
function concerns({ document, membership }: Membership, { kind, offset }: LogEntry): boolean {
  const { joinedOffset, leftOffset } = membership;
  if (offset < joinedOffset || (leftOffset !== null && offset > leftOffset)) return false;
  // The state is past it: after the last one it has, it refused all.
  return kind !== "message" || offset <= (document.lastMessage?.offset ?? 0);
}

/** Of several messages each is told as it was said; what came of the last one is told by the entries after it. */
function asSaid(document: ChannelDocument, entry: LogEntry): ChannelDocument {
  const { kind, id, offset, sender, at, dataJson } = entry;
  if (kind !== "message" || document.activityOffset === offset) return document;
  const preview = previewOf(JSON.parse(dataJson) as Message);
  const lastMessage = { id, offset, sender, at, ...preview, deleted: false };
  return { ...document, lastMessage, activityOffset: offset, activityAt: at };
}

function channelOf({ membership }: Membership): string {
  return membership.channel;
}

function changedAfter({ document, membership }: Membership, after: number): boolean {
  const { leftOffset } = membership;
  return document.changedOffset > after && (leftOffset === null || leftOffset > after);
}

/** The channel that an entry of the notification channel is about. */
function channelNamed({ dataJson }: LogEntry): string | undefined {
  const { channel } = JSON.parse(dataJson) as { channel?: string };
  return channel;
}
