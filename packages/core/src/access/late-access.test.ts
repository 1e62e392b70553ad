import { createChannelTypeRegistry } from "@anywire/types";
import { beforeEach, expect, test } from "vitest";
import type { MembershipDocument } from "../state/documents.ts";
import { createSecondLook } from "../state/second-look.ts";
import { membershipKey } from "../state/state-key.ts";
import { createTrailingState, type TrailingState } from "../state/trailing-state.fixture.ts";
import { type Access, createAccess } from "./access.ts";
import { principalOf } from "./principal.ts";

const ROOM = "production.group.room";
const BOB = "production.notification.bob";
const bob = principalOf({ sub: "bob", platform: "production" });

let trailing: TrailingState;
/** What is at hand of Bob's side of the room. */
let atHand: MembershipDocument | null | undefined;
let access: Access;

beforeEach(async () => {
  trailing = await createTrailingState();
  const { log, state } = trailing;
  atHand = undefined;
  access = createAccess({
    channelTypes: createChannelTypeRegistry(),
    state,
    membershipOf: () => atHand,
    secondLook: createSecondLook(log, state),
  });
});

async function append(kind: "opened" | "removed", data: object): Promise<void> {
  const draft = { channel: ROOM, id: kind, kind, sender: "account:ann" } as const;
  await trailing.log.append({ ...draft, dataJson: JSON.stringify(data) });
}

async function open(): Promise<void> {
  await append("opened", {
    ...{ type: "group", title: null, avatarUrl: null, connection: null, history: "all" },
    ...{ meta: {}, isFixed: false },
    participants: ["ann", "bob"].map((id) => ({ address: `account:${id}`, role: "owner" })),
  });
}

// Told of a new channel by one edge, an account that subscribed at once on another was refused for good.
test("whoever takes part in a channel may subscribe, publish and read also where the state has not heard of it yet", async () => {
  await open();
  const asked = [
    access.assertMaySubscribe(bob, ROOM),
    ...(["subscribe", "publish", "invite"] as const).map((action) =>
      access.assertMay(bob, action, ROOM),
    ),
  ];
  await trailing.comeAlong();
  expect(await Promise.all(asked)).toEqual(asked.map(() => ({ visibleAfter: 0, role: "owner" })));
});

test("what is at hand refuses nobody before it has heard of all that is in the log", async () => {
  await open();
  atHand = null;
  const { sort } = membershipKey(BOB, ROOM);
  trailing.state.watch({
    onChange: ({ items }) => {
      const own = items.find((item) => item.partition === BOB && item.sort === sort);
      atHand = own?.value as MembershipDocument;
    },
  });
  const asked = access.assertMaySubscribe(bob, ROOM);
  await trailing.comeAlong();
  expect(await asked).toMatchObject({ role: "owner" });
});

test("whoever is removed is refused, and what is at hand ends a subscription without waiting for anything", async () => {
  await open();
  await append("removed", { participants: ["account:bob"] });
  const asked = access.assertMay(bob, "publish", ROOM);
  // Nothing that was heard is any nearer to the log than this.
  atHand = null;
  expect(() => access.assertMayStay(bob, ROOM)).toThrow(/takes no part/);
  atHand = undefined;
  await trailing.comeAlong();
  await expect(asked).rejects.toMatchObject({ code: "permission_denied" });
});
