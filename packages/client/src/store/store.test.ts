import type { Snapshot } from "@anywire/types";
import { expect, test } from "vitest";
import type { AnywireClient, ClientEvents } from "../client.ts";
import { Emitter } from "../emitter.ts";
import { createStore } from "./store.ts";

const snapshotAt = (offset: number): Snapshot =>
  ({ channels: [], totals: { unread: 0, unreadChannels: 0 }, offset, epoch: "e" }) as never;

/** A client whose calls are answered by hand, in any order. */
function createHandClient() {
  const events = new Emitter<ClientEvents>();
  const calls: PromiseWithResolvers<Snapshot>[] = [];
  const client = {
    state: "disconnected",
    on: events.on.bind(events),
    call: () => {
      const call = Promise.withResolvers<Snapshot>();
      calls.push(call);
      return call.promise;
    },
  } as unknown as AnywireClient;
  const sync = (isContinuous: boolean): void => events.emit("synced", { isContinuous });
  return { client, calls, sync };
}

/** Lets what waits for an answered call run. */
const settle = async (call: Promise<unknown> | undefined): Promise<void> => {
  await call?.catch(() => {});
  await Promise.resolve();
};

test("a snapshot that a disconnect cut short is taken on the next connection, recovered or not", async () => {
  // What was missed before stayed missing: the last reconnect was continuous, the one before was not.
  const { client, calls, sync } = createHandClient();
  const store = createStore(client);
  sync(true);
  calls[0]?.resolve(snapshotAt(1));
  await store.ready();
  sync(false);
  calls[1]?.reject(new Error("disconnected"));
  await settle(calls[1]?.promise);
  sync(true);
  expect(calls).toHaveLength(3);
  calls[2]?.resolve(snapshotAt(9));
  await settle(calls[2]?.promise);
  expect(store.getState()?.offset).toBe(9);
});

test("the late answer to an earlier request for a snapshot is never taken for a newer one", async () => {
  // The numbers began anew after each snapshot, so the first request's answer passed for the third's.
  const { client, calls, sync } = createHandClient();
  const store = createStore(client);
  sync(false);
  sync(false);
  calls[1]?.resolve(snapshotAt(5));
  await store.ready();
  sync(false);
  calls[0]?.resolve(snapshotAt(1));
  await settle(calls[0]?.promise);
  expect(store.getState()?.offset).toBe(5);
});
