import { type EntryData, parseChannelName } from "@anywire/types";
import type { FoldEntry } from "./fold.ts";
import { accountIndexKey, accountKey, deviceKey, seenKey } from "./state-key.ts";
import type { StateView } from "./state-view.ts";

/** An account that becomes known, or what changed of it. */
export function foldAccount(view: StateView, entry: FoldEntry, data: EntryData<"account">): void {
  const { platform, id } = parseChannelName(entry.channel);
  const key = accountKey(platform, id);
  const known = view.get(key);
  const account = known ?? { id, name: null, avatarUrl: null, meta: {}, createdAt: entry.at };
  const { name = account.name, avatarUrl = account.avatarUrl, meta = account.meta } = data;
  view.set(key, { ...account, name, avatarUrl, meta });
  if (known === undefined) view.set(accountIndexKey(platform, id), true);
}

/** A device that becomes known, or is no more. */
export function foldDevice(view: StateView, entry: FoldEntry, data: EntryData<"device">): void {
  if (data.action === "remove") {
    view.delete(deviceKey(entry.channel, data.id));
    return;
  }
  const key = deviceKey(entry.channel, data.device.id);
  const addedAt = view.get(key)?.addedAt ?? entry.at;
  view.set(key, { ...data.device, addedAt });
}

/** When an account went: of several nodes that say so, the last is right. */
export function foldSeen(view: StateView, entry: FoldEntry, { at }: EntryData<"seen">): void {
  const key = seenKey(entry.channel);
  view.set(key, Math.max(at, view.get(key) ?? 0));
}
