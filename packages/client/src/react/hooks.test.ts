import type { ChannelSummary, Snapshot } from "@anywire/types";
import { createElement, type FunctionComponent } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Store, StoreValue } from "../store/store.ts";
import { fromSnapshot } from "../store/store-state.ts";
import { useChannel, useChannels, useTotals } from "./hooks.ts";

const row = { channel: "p.group.a", title: "A", unread: 3, hidden: false, activityOffset: 9 };
const snapshot = {
  channels: [row as ChannelSummary],
  totals: { unread: 3, unreadChannels: 1 },
  offset: 9,
} as Snapshot;

function storeOf(state: StoreValue): Store {
  return {
    getState: () => state,
    subscribe: () => () => {},
    ready: () => Promise.reject(new Error("not asked")),
    close: () => {},
  };
}

const Badge: FunctionComponent<{ readonly store: Store }> = ({ store }) => {
  const titles = useChannels(store).map(({ title }) => title);
  const { unread } = useTotals(store);
  const one = useChannel(store, "p.group.a")?.unread ?? "none";
  return createElement("p", null, `${titles.join()} ${unread} ${one}`);
};

test("components show what the store holds, and nothing before it holds something", () => {
  const show = (state: StoreValue): string =>
    renderToStaticMarkup(createElement(Badge, { store: storeOf(state) }));
  expect(show(null)).toBe("<p> 0 none</p>");
  expect(show(fromSnapshot(snapshot))).toBe("<p>A 3 3</p>");
});
