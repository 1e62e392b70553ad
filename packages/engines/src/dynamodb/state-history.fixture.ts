import type { EntryDraft, LogEntry, StateItem, StateStore } from "@anywire/core";
import { foldEntry, StateBuffer } from "@anywire/core/state";
import type { MemoryLogBackend } from "../memory/index.ts";
import { MemoryStateItems } from "../memory/memory-state-items.ts";

const PEOPLE = ["ann", "bob", "cat", "dan", "eve"];
const ROOMS = ["a", "b", "c", "d"].map((id) => `production.group.${id}`);
const EMOJIS = ["👍", "x", "ü"];

/** Numbers that look random and are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A random history of the messaging model: much of it changes something, some of it is refused. */
export function randomDrafts(count: number, seed: number): EntryDraft[] {
  const below = randomNumbers(seed);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  const messages: string[] = [];
  const opening = ROOMS.map((room, i) => opened(room, `open-${i}`, PEOPLE.slice(0, 2 + i)));
  const rest = Array.from({ length: Math.max(0, count - opening.length) }, (_, i): EntryDraft => {
    const channel = pick(ROOMS);
    const who = pick(PEOPLE);
    const address = `account:${who}`;
    const own = `production.notification.${who}`;
    const entry = (channel: string, kind: EntryDraft["kind"], data: unknown): EntryDraft => {
      return { channel, id: `e-${i}`, kind, sender: address, dataJson: JSON.stringify(data) };
    };
    const target = messages.length === 0 ? "none" : pick(messages);
    const action = pick(["add", "remove"] as const);
    const contact = `production.contact.${pick(["1", "2"])}`;
    const phone = `phone:+4477009001${10 + below(4)}`;
    const other = `phone:+4477009001${10 + below(4)}`;
    switch (below(16)) {
      case 0:
        return entry(channel, "edit", { target, message: { text: `edited ${i}` } });
      case 1:
      case 2:
        return entry(channel, "reaction", { target, emoji: pick(EMOJIS), action });
      case 3:
        return entry(channel, "pin", { target, action });
      case 4:
        return entry(own, "read", { channel, offset: i, ordinal: 1 + below(5), back: false });
      case 5:
        return entry(own, "mute", { channel, until: i });
      case 6:
        return entry(channel, "added", { participants: [{ address, role: "member" }] });
      case 7:
        return entry(channel, "removed", { participants: [address] });
      case 8:
        return entry(channel, "delete", { target });
      case 9:
        return entry(own, "account", { name: `name ${i}` });
      case 10:
        return pick([
          entry(contact, "contact", {
            action: "created",
            name: null,
            addresses: [phone],
            meta: {},
          }),
          entry(contact, "contact", { action: "address_rotated", from: phone, to: other }),
          entry(contact, "contact", { action: "address_removed", address: phone, reason: "gone" }),
          entry(contact, "contact", { action: "address_added", address: phone }),
        ]);
      default:
        messages.push(`e-${i}`);
        return entry(channel, "message", { text: `message ${i}` });
    }
  });
  return [...opening, ...rest];
}

/** Opens a group. */
export function opened(channel: string, id: string, people: readonly string[]): EntryDraft {
  const participants = people.map((one) => ({ address: `account:${one}`, role: "owner" }));
  const texts = { title: channel, avatarUrl: null, connection: null, history: "all", meta: {} };
  const data = { type: "group", ...texts, participants, isFixed: false };
  return { channel, id, kind: "opened", sender: "account:ann", dataJson: JSON.stringify(data) };
}

/** All entries of a log in memory. */
export function entriesOf(log: MemoryLogBackend): readonly LogEntry[] {
  const entries: LogEntry[] = [];
  for (let hasMore = true; hasMore; ) {
    const after = entries.at(-1)?.offset ?? 0;
    const page = log.read({ pattern: ">", after, limit: 10_000, order: "asc" });
    entries.push(...page.entries);
    hasMore = page.hasMore;
  }
  return entries;
}

/** The state that follows from a log, up to an offset. */
function expectedState(
  log: MemoryLogBackend,
  upTo: number = Number.POSITIVE_INFINITY,
): StateItem[] {
  const items = new MemoryStateItems();
  for (const entry of entriesOf(log)) {
    if (entry.offset > upTo) break;
    const buffer = new StateBuffer(items);
    try {
      foldEntry(buffer, entry);
      items.write(buffer.writes);
    } catch {
      // Refused.
    }
  }
  return items.dump(undefined, Number.MAX_SAFE_INTEGER);
}

/** The whole state of a store. */
async function actualState(state: StateStore): Promise<StateItem[]> {
  const items: StateItem[] = [];
  for (;;) {
    const page = await state.dump(items.at(-1), 1_000);
    if (page.length === 0) return items;
    items.push(...page);
  }
}

/** The first item in which two states are not the same, byte for byte; undefined when there is none. */
export async function differenceOf(
  state: StateStore,
  log: MemoryLogBackend,
  upTo?: number,
): Promise<{ actual: string | undefined; expected: string | undefined } | undefined> {
  const [actual, expected] = [await actualState(state), expectedState(log, upTo)].map((items) =>
    items.map((item) => JSON.stringify(item)),
  ) as [string[], string[]];
  const length = Math.max(actual.length, expected.length);
  const at = Array.from({ length }, (_, i) => i).find((i) => actual[i] !== expected[i]);
  return at === undefined ? undefined : { actual: actual[at], expected: expected[at] };
}
