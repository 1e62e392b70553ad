import fc from "fast-check";
import { expect, test } from "vitest";
import type { InboundEvent } from "../../contract/inbound-event.ts";
import { groupEvents } from "./event-groups.ts";
import { letter } from "./raven.fixture.ts";

const events = fc.array(
  fc
    .uniqueArray(fc.constantFrom("raven:a", "raven:b", "raven:c", "raven:d"), {
      minLength: 1,
      maxLength: 2,
    })
    .map((addresses): InboundEvent => letter("x", { sender: { addresses } })),
  { maxLength: 12 },
);

function addressesOf(event: InboundEvent): readonly string[] {
  return "sender" in event ? event.sender.addresses : [];
}

test("each event is in one group, in its order, and who shares an address shares a group", () => {
  fc.assert(
    fc.property(events, (all) => {
      const groups = groupEvents(all);
      expect(groups.flat().length).toBe(all.length);
      for (const group of groups) {
        expect(group).toEqual(all.filter((event) => group.includes(event)));
      }
      const owners = new Map<string, number>();
      for (const [i, group] of groups.entries()) {
        for (const address of group.flatMap(addressesOf)) {
          expect(owners.get(address) ?? i).toBe(i);
          owners.set(address, i);
        }
      }
    }),
  );
});

test("where somebody gets another name, everything is one group", () => {
  const all: InboundEvent[] = [
    letter("1"),
    { type: "identity_changed", from: "raven:ann", to: "raven:eve", at: 1 },
    letter("2", { sender: { addresses: ["raven:eve"] } }),
  ];
  expect(groupEvents(all)).toEqual([all]);
});
