import { describePresence } from "@anywire/testkit";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createMemoryPresence, MemoryPresenceBackend } from "./memory-presence.ts";

withEngine("memory", () => {
  describePresence("memory", () => {
    const backend = new MemoryPresenceBackend();
    return { createNode: () => createMemoryPresence(backend) };
  });
});
