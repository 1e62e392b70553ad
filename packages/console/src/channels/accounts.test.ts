import type { ChannelSummary } from "@anywire/types";
import { expect, test } from "vitest";
import { accountsIn, accountsOf } from "./accounts.ts";

test("accounts are written with commas, spaces or both", () => {
  expect(accountsIn(" june,ann  max, june,")).toEqual(["june", "ann", "max"]);
  expect(accountsIn("  ")).toEqual([]);
});

test("known are those one shares a channel with", () => {
  const rows = [
    { participants: ["account:bob", "account:june", "phone:+447700900123"] },
    { participants: ["account:ann", "account:june"] },
  ] as ChannelSummary[];
  expect(accountsOf(rows, "account:bob")).toEqual(["june", "ann"]);
});
