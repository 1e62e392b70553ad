import type { AnywireClient } from "@anywire/client";
import type { NotificationEvent, Snapshot } from "@anywire/types";
import { expect, vi } from "vitest";
import {
  applyEvent,
  fromSnapshot,
  type StoreState,
} from "../../packages/client/src/store/store-state.ts";
import { createTestClient } from "../support/connect-client.ts";
import type { Reachable } from "../support/sdk-client.ts";
import { EVENTUALLY } from "./cluster-load.ts";

/** A device that takes one snapshot, and from then on only believes what it is told. */
export interface ClusterDevice {
  readonly client: AnywireClient;
  /** How many events came. */
  readonly events: number;
  /** Asserts that it comes to be told of each of these messages of a channel once, by their offsets. */
  assertToldOf(channel: string, offsets: readonly number[]): Promise<void>;
  /** Asserts that it comes to show what a new snapshot says, without having taken one. */
  assertInStep(): Promise<void>;
}

/** Connects a device of an account, and has it take its snapshot. */
export async function startClusterDevice(node: Reachable, account: string): Promise<ClusterDevice> {
  const client = await createTestClient(node, account, { maxReconnectDelayMs: 300 });
  const told: NotificationEvent[] = [];
  const offsets: number[] = [];
  const gaps: unknown[] = [];
  client.on("account", ({ event, offset }) => {
    told.push(event);
    offsets.push(offset);
  });
  client.on("synced", (synced) => {
    if (!synced.isContinuous) gaps.push(synced);
  });
  client.connect();
  const first = fromSnapshot(await client.call("me.snapshot"));
  const shown = (): StoreState =>
    told.reduce((state, event, i) => applyEvent(state, event, offsets[i] ?? 0), first);
  return {
    client,
    get events() {
      return told.length;
    },
    async assertToldOf(channel, messages) {
      const isNews = (event: NotificationEvent): boolean =>
        event.event === "message.new" && event.channel === channel;
      await vi.waitFor(
        () =>
          expect(offsets.filter((_, i) => isNews(told[i] as NotificationEvent))).toEqual(messages),
        EVENTUALLY,
      );
    },
    async assertInStep() {
      const fresh = await client.call("me.snapshot");
      await vi.waitFor(
        () => expect(rowsOf(shown())).toEqual(rowsOf(fromSnapshot(fresh))),
        EVENTUALLY,
      );
      expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
      // A gap that nobody could fill would be a reason to take another snapshot.
      expect(gaps).toEqual([]);
    },
  };
}

function rowsOf({ account, channels, order, totals }: StoreState): Partial<Snapshot> {
  return { account, totals, channels: order.flatMap((name) => channels.get(name) ?? []) };
}
