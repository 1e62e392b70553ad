import type { KeyValueStore } from "@anywire/core";
import type { KeyValueSource, SourceKeyValue } from "@anywire/engines/sqlite";

/** Keys that are copied at the same time. */
const PAGE = 200;
const MAX_TTL_MS = 31_536_000_000;

/** What came of copying keys. */
export interface CopiedKeyValues {
  readonly keys: number;
  /** Of those that never end, how many there are that the copy has not, or with another value. */
  readonly missing: number;
}

/**
 * Makes the target hold what the source holds, for as long as that has to go, and nothing else: an earlier attempt may have
 * left what the source has no more.
 */
export async function copyKeyValues(
  source: Pick<KeyValueSource, "list" | "get">,
  target: KeyValueStore,
  onPage: (keys: number) => void,
): Promise<CopiedKeyValues> {
  let [keys, lasting] = [0, 0];
  for (let after: string | undefined = ""; after !== undefined; ) {
    const items = source.list(after, PAGE);
    await Promise.all(items.map((item) => copy(item, target)));
    keys += items.length;
    lasting += items.filter(({ expiresAt }) => expiresAt === null).length;
    after = items.at(-1)?.key;
    onPage(keys);
  }
  return { keys, missing: lasting - (await compare(source, target)) };
}

async function copy(
  { key, value, expiresAt }: SourceKeyValue,
  target: KeyValueStore,
): Promise<void> {
  if (expiresAt === null) {
    await target.set(key, value);
    return;
  }
  const ttlMs = Math.min(expiresAt - Date.now(), MAX_TTL_MS);
  if (ttlMs > 0) await target.set(key, value, { ttlMs });
}

/** Takes away what the source has not, and counts what never ends and is the same. */
async function compare(
  source: Pick<KeyValueSource, "get">,
  target: KeyValueStore,
): Promise<number> {
  const strange: string[] = [];
  let same = 0;
  for (let after = "", hasMore = true; hasMore; ) {
    const page = await target.list({ prefix: "", after, limit: 1_000 });
    for (const { key, value } of page.items) {
      const item = source.get(key);
      if (item === undefined) strange.push(key);
      else if (item.expiresAt === null && item.value === value) same += 1;
    }
    after = page.items.at(-1)?.key ?? after;
    hasMore = page.hasMore;
  }
  for (const key of strange) await target.delete(key);
  return same;
}
