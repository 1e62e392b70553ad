import { type EntryData, parseChannelName } from "@anywire/types";
import type { FoldEntry } from "./fold.ts";
import { consentKey } from "./state-key.ts";
import type { StateView } from "./state-view.ts";

/** Whether somebody wants to be written to: kept by the address, which they gave it for. The last word counts. */
export function foldConsent(view: StateView, entry: FoldEntry, data: EntryData<"consent">): void {
  const { platform } = parseChannelName(entry.channel);
  const { address, connection, state, source, reason } = data;
  view.set(consentKey(platform, address, connection), { state, source, reason, at: entry.at });
}
