import { describePresence } from "@anywire/testkit";
import { expect, it, onTestFinished, vi } from "vitest";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createMemoryPresence, MemoryPresenceBackend } from "./memory-presence.ts";

withEngine("memory", () => {
  describePresence("memory", () => {
    const backend = new MemoryPresenceBackend();
    return { createNode: () => createMemoryPresence(backend) };
  });

  // It looked only at the channel that was longest not left: of one that is left all the time it forgot nobody.
  it("forgets in time who left a channel that others leave all the time", () => {
    const now = vi.spyOn(performance, "now");
    onTestFinished(() => now.mockRestore());
    const backend = new MemoryPresenceBackend(100);
    const node = {};
    for (let i = 0; i < 50; i += 1) {
      now.mockReturnValue(50 * i);
      // The other channel is always the one at the front.
      for (const channel of ["p.group.busy", `p.group.${i}`, "p.group.busy"]) {
        const client = `${channel}-${i}`;
        backend.join(channel, { client, user: "ann" }, node);
        backend.leave(channel, client, node);
      }
    }
    expect(backend.lately("p.group.busy", Number.POSITIVE_INFINITY)).toHaveLength(2);
  });
});
