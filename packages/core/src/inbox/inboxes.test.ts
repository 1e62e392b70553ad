import { createMemoryLog, createMemoryState, MemoryLogBackend } from "@anywire/engines/memory";
import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import type { EntryDraft, Log } from "../ports/log.ts";
import { Inboxes } from "./inboxes.ts";
import { partialState } from "./partial-state.fixture.ts";

const BOB = "p.notification.bob";
const ROOM = "p.group.room";
const HALL = "p.group.hall";

let log: Log;
let inboxes: Inboxes;
/** Channels that Bob was said to have left, and whether he was still taken to be in them. */
let left: string[];
/** Loses a change on the way. */
let lose: () => void;

// Bob's inbox is being read anew, which never ends: he was added to the room, which had not been followed.
beforeEach(async () => {
  const backend = new MemoryLogBackend();
  const memory = createMemoryState(backend);
  log = createMemoryLog(backend);
  await log.start();
  await memory.start();
  const state = partialState(memory);
  await state.start();
  inboxes = new Inboxes({ state, log });
  left = [];
  const watch = vi.spyOn(state, "watch");
  const stop = inboxes.start({
    onEvent() {},
    onLeft: (name, channel) => {
      const isIn = inboxes.membershipOf(name, channel)?.leftOffset === null;
      left.push(`${channel} ${isIn}`);
    },
  });
  onTestFinished(stop);
  lose = () => watch.mock.calls[0]?.[0].onMissed?.();
  await inboxes.open(BOB);
  await open(ROOM);
  vi.spyOn(state, "list").mockReturnValue(new Promise(() => {}));
  await new Promise(setImmediate);
});

async function append(channel: string, kind: EntryDraft["kind"], data: object): Promise<void> {
  const draft = { channel, id: kind, kind, sender: "account:ann" };
  await log.append({ ...draft, dataJson: JSON.stringify(data) });
}

async function open(channel: string): Promise<void> {
  await append(channel, "opened", {
    ...{ type: "group", title: null, avatarUrl: null, connection: null, history: "all" },
    ...{ meta: {}, isFixed: false },
    participants: ["ann", "bob"].map((id) => ({ address: `account:${id}`, role: "owner" })),
  });
}

// A removal that came while the account's inbox was being read anew was dropped, and the account went on
// hearing the channel until the state had answered.
it("ends access at once when an account is removed while its inbox is being read anew", async () => {
  await append(ROOM, "removed", { participants: ["account:bob"] });
  await vi.waitFor(() => expect(left).toEqual([`${ROOM} false`]));
});

// Two channels opened one after the other: who subscribed to the second while the first was still being read was refused for good.
it("knows at once of a channel that an account comes to while its inbox is being read anew", async () => {
  await open(HALL);
  await vi.waitFor(() => {
    expect(inboxes.membershipOf(BOB, HALL)).toMatchObject({ role: "owner", leftOffset: null });
  });
  expect(inboxes.membershipOf(BOB, ROOM)).toMatchObject({ role: "owner", leftOffset: null });
  await append(HALL, "removed", { participants: ["account:bob"] });
  await vi.waitFor(() => expect(left).toEqual([`${HALL} false`]));
});

it("does not say that an account takes no part in a channel while it may have missed that", () => {
  expect(inboxes.membershipOf(BOB, HALL)).toBeNull();
  lose();
  expect(inboxes.membershipOf(BOB, ROOM)).toMatchObject({ leftOffset: null });
  expect(() => inboxes.membershipOf(BOB, HALL)).toThrow(
    expect.objectContaining({ code: "unavailable" }),
  );
});
