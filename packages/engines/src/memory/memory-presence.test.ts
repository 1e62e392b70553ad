import { describePresence } from "@anywire/testkit";
import { createMemoryPresence, MemoryPresenceBackend } from "./memory-presence.ts";

describePresence("memory", () => {
  const backend = new MemoryPresenceBackend();
  return { createNode: () => createMemoryPresence(backend) };
});
