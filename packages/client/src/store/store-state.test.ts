import type { ChannelSummary, NotificationEvent, Snapshot } from "@anywire/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import { selectChannels } from "./store.ts";
import { applyEvent, fromSnapshot } from "./store-state.ts";

const A = "p.group.a";
const B = "p.group.b";

function rowOf(channel: string, change: Partial<ChannelSummary> = {}): ChannelSummary {
  return { channel, unread: 0, hidden: false, activityOffset: 1, ...change } as ChannelSummary;
}

function snapshotOf(offset: number, ...channels: ChannelSummary[]): Snapshot {
  const totals = { unread: 0, unreadChannels: 0 };
  return { account: {}, channels, totals, offset, epoch: "e" } as unknown as Snapshot;
}

function eventOf(event: NotificationEvent["event"], change?: Partial<ChannelSummary>) {
  const totals = { unread: change?.unread ?? 0, unreadChannels: 0 };
  return { event, by: "account:ann", channel: A, totals, change } as NotificationEvent;
}

test("an event puts its change over the row, and moves the channel that was spoken on to the top", () => {
  const state = fromSnapshot(snapshotOf(5, rowOf(B, { activityOffset: 4 }), rowOf(A)));
  const next = applyEvent(state, eventOf("message.new", { unread: 1, activityOffset: 6 }), 6);
  expect(selectChannels(next).map(({ channel }) => channel)).toEqual([A, B]);
  expect(next).toMatchObject({ offset: 6, totals: { unread: 1 } });
  expect(state.channels.get(A)?.unread).toBe(0);
});

test("channels come and go", () => {
  const state = fromSnapshot(snapshotOf(5));
  const opened = applyEvent(state, eventOf("channel.opened", rowOf(A)), 6);
  expect(opened.order).toEqual([A]);
  expect(applyEvent(opened, eventOf("channel.left"), 7).order).toEqual([]);
});

test("an event that is in the state already changes nothing, not even the object", () => {
  const state = fromSnapshot(snapshotOf(5, rowOf(A)));
  expect(applyEvent(state, eventOf("channel.read", { unread: 9 }), 5)).toBe(state);
});

test("wherever a snapshot falls among the events, the end is the same", () => {
  const changes = fc.array(
    fc.record({ unread: fc.nat(9), hidden: fc.boolean(), title: fc.constantFrom("x", "y") }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(changes, fc.nat(20), (all, cut) => {
      const events = all.map((change) => eventOf("channel.updated", change));
      const from = (at: number) => {
        let row = rowOf(A);
        for (const change of all.slice(0, at)) row = { ...row, ...change };
        let state = fromSnapshot({
          ...snapshotOf(at, row),
          totals: events[at - 1]?.totals ?? { unread: 0, unreadChannels: 0 },
        });
        for (const [i, event] of events.entries()) state = applyEvent(state, event, i + 1);
        return state;
      };
      expect(from(Math.min(cut, all.length))).toEqual(from(0));
    }),
  );
});

test("the list for one state is one list", () => {
  const state = fromSnapshot(snapshotOf(5, rowOf(A), rowOf(B, { hidden: true })));
  expect(selectChannels(state)).toBe(selectChannels(state));
  expect(selectChannels(state, true).map(({ channel }) => channel)).toEqual([B]);
});
