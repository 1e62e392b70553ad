import type { LogEntry, StateItem } from "@anywire/core";
import { foldEntry, StateBuffer } from "@anywire/core/state";
import { expect } from "vitest";
import { MemoryStateItems } from "../../packages/engines/src/memory/memory-state-items.ts";
import type { Witness } from "./cluster.ts";

const PAGE = 1_000;

/** All entries of the log up to an offset, or that match a pattern. */
export async function readEntries(
  { log }: Witness,
  pattern = ">",
  upTo: number = Number.MAX_SAFE_INTEGER,
): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (let hasMore = true; hasMore; ) {
    const after = entries.at(-1)?.offset ?? 0;
    const page = await log.read({ pattern, after, before: upTo + 1, limit: PAGE, order: "asc" });
    entries.push(...page.entries);
    hasMore = page.hasMore;
  }
  return entries;
}

/**
 * Asserts that the state comes as far as the log and is, byte for byte, what follows from it. Returns how many items
 * it has.
 */
export async function assertStateFollows(witness: Witness): Promise<number> {
  const { log, state } = witness;
  for (;;) {
    await state.get([], { atLeast: await log.head(">") });
    const before = await state.position();
    const actual = textsOf(await state.dump(undefined, Number.MAX_SAFE_INTEGER));
    // Somebody may still be coming or going, which is written down, too.
    if ((await state.position()) !== before) continue;
    const expected = textsOf(fold(await readEntries(witness, ">", before)));
    const differing = actual.findIndex((text, i) => text !== expected[i]);
    expect(actual[differing]).toBe(expected[differing]);
    expect(actual.length).toBe(expected.length);
    return actual.length;
  }
}

function fold(entries: readonly LogEntry[]): StateItem[] {
  const items = new MemoryStateItems();
  for (const entry of entries) {
    const buffer = new StateBuffer(items);
    try {
      foldEntry(buffer, entry);
    } catch {
      // The fold refuses it: it changes nothing, on every node.
      continue;
    }
    items.write(buffer.writes);
  }
  return items.dump(undefined, Number.MAX_SAFE_INTEGER);
}

function textsOf(items: readonly StateItem[]): string[] {
  return items.map((item) => JSON.stringify(item));
}
