import { createMemoryLog, createMemoryState, MemoryLogBackend } from "@anywire/engines/memory";
import { createChannelTypeRegistry, ROLES, type Role } from "@anywire/types";
import { beforeEach, expect, test } from "vitest";
import type { MembershipDocument } from "../state/documents.ts";
import { type Access, createAccess } from "./access.ts";
import { type Action, principalOf } from "./principal.ts";

const ROOM = "production.group.room";
const ACTIONS: readonly Action[] = ["subscribe", "publish", "invite", "manage"];
const ALLOWED: Readonly<Record<Role, number>> = { guest: 2, member: 3, owner: 4 };

/** Whose side of the room is at hand, by account; of others the state is asked. */
let atHand: Map<string, MembershipDocument | null>;
let access: Access;
let append: (kind: "opened" | "added" | "removed", data: object) => Promise<number>;

beforeEach(async () => {
  const backend = new MemoryLogBackend();
  const [log, state] = [createMemoryLog(backend), createMemoryState(backend)];
  await log.start();
  await state.start();
  atHand = new Map();
  access = createAccess({
    channelTypes: createChannelTypeRegistry(),
    state,
    membershipOf: (name) => atHand.get(name),
  });
  append = async (kind, data) => {
    const id = `${kind}-${Math.random()}`.replace(".", "");
    const draft = {
      channel: ROOM,
      id,
      kind,
      sender: "account:owner",
      dataJson: JSON.stringify(data),
    };
    return (await log.append(draft)).entry.offset;
  };
  await append("opened", {
    ...{ type: "group", title: null, avatarUrl: null, connection: null, history: "since_joined" },
    ...{ meta: {}, isFixed: false },
    participants: ROLES.map((role) => ({ address: `account:${role}`, role })),
  });
});

function who(sub: string, more: object = {}) {
  return principalOf({ sub, platform: "production", ...more });
}

async function may(sub: string, action: Action): Promise<boolean> {
  try {
    await access.assertMay(who(sub), action, ROOM);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "permission_denied" });
    return false;
  }
}

test("each role may do what it is enough for, and who takes no part nothing", async () => {
  for (const role of ROLES) {
    const allowed = await Promise.all(ACTIONS.map((action) => may(role, action)));
    expect(allowed).toEqual(ACTIONS.map((_, i) => i < ALLOWED[role]));
  }
  for (const action of ACTIONS) expect(await may("stranger", action)).toBe(false);
});

test("a pattern of the token is enough without taking part, and a grant says which of the two it was", async () => {
  const operator = who("operator", { manage: ["production.group.*"] });
  for (const action of ["manage", "invite"] as const) {
    expect(await access.assertMay(operator, action, ROOM)).toEqual({ visibleAfter: 0, role: null });
  }
  expect(await access.assertMay(who("guest"), "publish", ROOM)).toMatchObject({ role: "guest" });
});

test("who was removed may nothing any more", async () => {
  await append("removed", { participants: ["account:guest"] });
  expect(await may("guest", "subscribe")).toBe(false);
});

test("a newcomer sees what is said from joining on, where the channel says so", async () => {
  const participants = [{ address: "account:late", role: "member" }];
  const offset = await append("added", { participants });
  expect(await access.assertMaySubscribe(who("late"), ROOM)).toEqual({
    visibleAfter: offset,
    role: "member",
  });
});

test("what is at hand decides at once, without asking the state", () => {
  atHand.set("production.notification.owner", null);
  expect(() => access.assertMay(who("owner"), "subscribe", ROOM)).toThrow(/takes no part/);
});
