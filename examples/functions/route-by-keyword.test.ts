import { runFunction } from "@anywire/functions";
import { expect, test } from "vitest";
import routeByKeyword from "./route-by-keyword.ts";

test.each([
  ["HELP my parcel is lost", "production.group.support"],
  [" order 12 roses", "production.group.sales"],
  ["Price?", "production.group.sales"],
])("%j goes to %s", async (text, channel) => {
  const { result } = await runFunction(routeByKeyword, {
    channel: "production.sms.7",
    message: text,
  });
  expect(result).toEqual({
    type: "reroute",
    channel,
    changed: { text, meta: { cameFrom: "production.sms.7" } },
  });
});

test.each(["Can you help me?", "helpful, thanks", "constructor", "12 roses"])(
  "%j stays where it is",
  async (message) => {
    const { result } = await runFunction(routeByKeyword, { message });
    expect(result).toEqual({ type: "ok" });
  },
);

test("a text stays on its platform", async () => {
  const { result } = await runFunction(routeByKeyword, {
    channel: "staging.sms.7",
    message: "help",
  });
  expect(result).toMatchObject({ channel: "staging.group.support" });
});
