import type { ChannelAbilities, DeliveryStatus } from "@anywire/types";
import { expect, test } from "vitest";
import { type ChoiceFacts, choicesOf, mayReact } from "./message-choices.ts";

const SMS: ChannelAbilities = {
  ...{ network: "sms", edit: null, delete: null, reactions: [], reply: false },
  ...{ media: [], maxMedia: 10 },
};
const TELEGRAM: ChannelAbilities = {
  ...SMS,
  network: "telegram",
  edit: { maxAgeMs: 1000 },
  delete: { maxAgeMs: 1000 },
  reactions: ["👍", "❤", "😁"],
  reply: true,
};

function choices(
  facts: Partial<ChoiceFacts>,
  ...statuses: DeliveryStatus[]
): ReturnType<typeof choicesOf> {
  const deliveries = statuses.map((status) => ({ status }));
  const message = { at: 0, data: { text: "hello" }, deliveries };
  return choicesOf({ message, now: 10, isOwn: true, outside: null, ...facts });
}

test("in a channel that stays inside everything is offered", () => {
  expect(choices({})).toEqual({
    reactions: ["👍", "❤️", "😂"],
    ...{ mayReply: true, mayEdit: true, deletes: "for everyone" },
  });
  const picture = { at: 0, data: {} };
  expect(choices({ message: picture })).toMatchObject({ mayEdit: false });
  expect(choices({ isOwn: false })).toMatchObject({ mayEdit: false, deletes: undefined });
});

test("over a network only what the people there see is offered, for as long as they would see it", () => {
  expect(choices({ outside: TELEGRAM }, "sent")).toEqual({
    reactions: ["👍", "❤️", "😁"],
    ...{ mayReply: true, mayEdit: true, deletes: "for everyone" },
  });
  expect(choices({ outside: TELEGRAM, now: 1000 }, "sent")).toMatchObject({
    ...{ mayEdit: false, deletes: "on your side" },
  });
  const nothing = { reactions: [], mayReply: false, mayEdit: false, deletes: "on your side" };
  expect(choices({ outside: SMS }, "sent")).toEqual(nothing);
  expect(choices({ outside: undefined }, "sent")).toEqual(nothing);
  expect(choices({ outside: SMS })).toEqual(nothing);
});

test.each<[string, DeliveryStatus[], boolean, string]>([
  ["that failed everywhere can be mended and sent again", ["failed"], true, "for everyone"],
  ["that waits can be called back", ["queued"], false, "for everyone"],
  ["that one person has is theirs", ["failed", "delivered"], false, "on your side"],
  ["that may have arrived is theirs", ["unconfirmed"], false, "on your side"],
])("what %s, also where the network changes nothing", (_, statuses, mayEdit, deletes) => {
  expect(choices({ outside: SMS }, ...statuses)).toMatchObject({ mayEdit, deletes });
});

test("a reaction that somebody else put on can be joined where the network has it", () => {
  expect(mayReact(null, "🦆")).toBe(true);
  expect(mayReact({ ...SMS, reactions: "any" }, "🦆")).toBe(true);
  expect(mayReact(TELEGRAM, "❤️")).toBe(true);
  expect(mayReact(TELEGRAM, "🦆")).toBe(false);
  expect(mayReact(undefined, "👍")).toBe(false);
});
