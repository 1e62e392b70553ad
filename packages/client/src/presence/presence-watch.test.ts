import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ChannelEvents } from "../channel.ts";
import type { AnywireClient, ClientEvents } from "../client.ts";
import { Emitter } from "../emitter.ts";
import { createPresenceWatch } from "./presence-watch.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("what the server could not say is asked again, of those who are watched still", async () => {
  // They were shown as nothing at all until the next reconnect.
  const channels = new Map<string, Emitter<ChannelEvents>>();
  const call = vi.fn(async (_method: string, { accounts }: { accounts: string[] }) => ({
    accounts: accounts.map((account) => ({ account, status: "online", lastSeenAt: null })),
  }));
  const channel = (name: string) => {
    const events = new Emitter<ChannelEvents>();
    channels.set(name, events);
    return { on: events.on.bind(events), subscribe() {}, unsubscribe() {} };
  };
  const on = new Emitter<ClientEvents>().on;
  const client = { state: "connected", platform: "p", ...{ channel, call, on } };
  const watch = createPresenceWatch(client as unknown as AnywireClient);
  watch.watch("ann");
  const stop = watch.watch("bob");
  call.mockRejectedValueOnce(new Error("for a test"));
  for (const events of channels.values()) events.emit("state", { state: "subscribed" });
  await vi.advanceTimersByTimeAsync(100);
  expect(call).toHaveBeenCalledTimes(1);
  stop();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(call.mock.calls.map(([, { accounts }]) => accounts)).toEqual([["ann", "bob"], ["ann"]]);
  expect([...watch.getState().keys()]).toEqual(["ann"]);
  expect(vi.getTimerCount()).toBe(0);
});
