import { createMemoryLog, createMemoryState, MemoryLogBackend } from "@anywire/engines/memory";
import { expect, it, vi } from "vitest";
import { Inboxes } from "./inboxes.ts";
import { partialState } from "./partial-state.fixture.ts";

const BOB = "p.notification.bob";

// A removal that came while the account's inbox was being read anew was dropped, and the account went on
// hearing the channel until the state had answered.
it("ends access at once when an account is removed while its inbox is being read anew", async () => {
  const backend = new MemoryLogBackend();
  const [log, memory] = [createMemoryLog(backend), createMemoryState(backend)];
  await log.start();
  await memory.start();
  const state = partialState(memory);
  await state.start();
  const inboxes = new Inboxes({ state, log });
  const left: string[] = [];
  const stop = inboxes.start({
    onEvent() {},
    onLeft: (name, channel) => {
      const membership = inboxes.membershipOf(name, channel);
      left.push(`${channel} ${membership?.leftOffset !== null}`);
    },
  });
  await inboxes.open(BOB);
  const sender = "account:ann";
  const seats = ["ann", "bob"].map((id) => ({ address: `account:${id}`, role: "owner" }));
  const opened = {
    type: "group",
    title: null,
    avatarUrl: null,
    connection: null,
    history: "all",
    meta: {},
    participants: seats,
    isFixed: false,
  };
  const channel = "p.group.room";
  const data = JSON.stringify(opened);
  await log.append({ channel, id: "o", kind: "opened", sender, dataJson: data });
  // Told of the opening, it begins to follow the channel and reads anew: which never ends here.
  vi.spyOn(state, "list").mockReturnValue(new Promise(() => {}));
  const removed = JSON.stringify({ participants: ["account:bob"] });
  await new Promise(setImmediate);
  await log.append({ channel, id: "r", kind: "removed", sender, dataJson: removed });
  await vi.waitFor(() => expect(left).toEqual([`${channel} true`]));
  stop();
});
