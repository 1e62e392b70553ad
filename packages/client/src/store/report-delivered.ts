import type { ChannelSummary } from "@anywire/types";
import type { AnywireClient } from "../client.ts";
import type { Unlisten } from "../emitter.ts";
import type { Store } from "./store.ts";

/** One report for all that came on a channel meanwhile, ms. */
const EVERY_MS = 1_000;

/** Receipts are told on channels of at most so many participants. */
const MAX_PARTICIPANTS = 100;

/**
 * Tells senders that their messages have come to this device, from now on: each channel at most once a second, and only those
 * on which receipts are told. What is read counts as delivered without it.
 *
 * @example
 * const stop = reportDelivered(client, createStore(client));
 */
export function reportDelivered(client: AnywireClient, store: Store): Unlisten {
  const reported = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  const isDue = ({ channel, lastMessage, readOffset, participantCount }: ChannelSummary): boolean =>
    lastMessage !== null &&
    lastMessage.offset > Math.max(readOffset, reported.get(channel) ?? 0) &&
    lastMessage.sender !== `account:${client.account}` &&
    participantCount <= MAX_PARTICIPANTS;

  const due = (): ChannelSummary[] => {
    if (isStopped || client.state !== "connected") return [];
    return [...(store.getState()?.channels.values() ?? [])].filter(isDue);
  };
  const report = async (): Promise<void> => {
    for (const { channel, lastMessage } of due()) {
      const offset = lastMessage?.offset ?? 0;
      await client.call("channel.delivered", { channel, offset }).catch(() => {});
      // A refusal would come again; what a lost connection left unsaid is said on the next one.
      if (client.state === "connected") reported.set(channel, offset);
    }
    timer = undefined;
    if (due().length > 0) look();
  };
  const look = (): void => {
    timer ??= setTimeout(() => void report(), EVERY_MS);
  };
  const stops = [store.subscribe(look), client.on("synced", look)];
  look();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
