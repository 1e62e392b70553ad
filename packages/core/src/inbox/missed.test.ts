import { createMemoryLog, createMemoryState, MemoryLogBackend } from "@anywire/engines/memory";
import { expect, test } from "vitest";
import type { EntryDraft } from "../ports/log.ts";
import { readMissed } from "./missed.ts";

const ROOM = "p.group.room";

function draft(kind: EntryDraft["kind"], data: object, channel = ROOM): EntryDraft {
  return { channel, id: kind, kind, sender: "account:ann", dataJson: JSON.stringify(data) };
}

// A message that was sent in the moment in which its channel was archived was told to whoever came back, and shown as the last one.
test("a message that is in the log and that the state has refused is not told to who missed it", async () => {
  const [kept, taken] = [new MemoryLogBackend(), new MemoryLogBackend()];
  const [log, takenLog, state] = [
    createMemoryLog(kept),
    createMemoryLog(taken),
    createMemoryState(taken),
  ];
  await Promise.all([log.start(), takenLog.start(), state.start()]);
  const both = [
    draft("opened", {
      ...{ type: "group", title: null, avatarUrl: null, connection: null, history: "all" },
      ...{ meta: {}, isFixed: false },
      participants: ["ann", "bob"].map((id) => ({ address: `account:${id}`, role: "owner" })),
    }),
    draft("message", { text: "hello" }),
    draft("updated", { title: "Room" }),
  ];
  for (const one of both) for (const to of [takenLog, log]) await to.append(one);
  // Where the state has gone on without it, the log has the message.
  await log.append({ ...draft("message", { text: "too late" }), id: "refused" });
  await takenLog.append(draft("data", {}, "p.group.hall"));
  const { entries } = await readMissed({ state, log }, "p.notification.bob", 0, 10);
  const told = entries.map(({ dataJson }) => JSON.parse(dataJson) as { event: string });
  expect(told.map(({ event }) => event)).toEqual([
    "channel.opened",
    "message.new",
    "channel.updated",
  ]);
});
