import { type EntryData, parseChannelName } from "@anywire/types";
import type { FoldEntry } from "./fold.ts";
import { exchangeKey, externalKey, inboundProblemKey, originKey } from "./state-key.ts";
import type { StateView } from "./state-view.ts";

/** What was made of what a network sent. */
export function foldInbound(view: StateView, entry: FoldEntry, data: EntryData<"inbound">): void {
  if (data.step === "failed") {
    const { webhook, code, reason } = data;
    const problem = { offset: webhook, at: entry.at, code, reason };
    view.set(inboundProblemKey(entry.channel, webhook), problem);
  } else if (data.step === "settled") {
    view.delete(inboundProblemKey(entry.channel, data.webhook));
  } else {
    routed(view, entry, data);
  }
}

function routed(
  view: StateView,
  entry: FoldEntry,
  data: Extract<EntryData<"inbound">, { step: "routed" }>,
): void {
  const { platform, id: connection } = parseChannelName(entry.channel);
  const { externalId, contact, receiver, channel, message } = data;
  view.set(externalKey(platform, connection, externalId), { channel, message, delivery: null });
  view.set(originKey(channel, message), { connection, externalId });
  for (const own of receiver === null ? [null] : [null, receiver]) {
    const key = exchangeKey(platform, connection, contact, own);
    const known = view.get(key);
    view.set(key, {
      channel: known?.channel ?? channel,
      outboundAt: known?.outboundAt ?? null,
      inboundAt: entry.at,
    });
  }
}
