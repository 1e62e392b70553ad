import { describeStateStore } from "@anywire/testkit";
import { createMemoryLog } from "./memory-log.ts";
import { MemoryLogBackend } from "./memory-log-backend.ts";
import { createMemoryState } from "./memory-state-store.ts";

describeStateStore("memory", () => {
  const backend = new MemoryLogBackend();
  return {
    createNode: () => ({ log: createMemoryLog(backend), state: createMemoryState(backend) }),
  };
});
