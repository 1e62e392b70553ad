import { describeStateStore } from "@anywire/testkit";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createMemoryLog } from "./memory-log.ts";
import { MemoryLogBackend } from "./memory-log-backend.ts";
import { createMemoryState } from "./memory-state-store.ts";

withEngine("memory", () => {
  describeStateStore("memory", () => {
    const backend = new MemoryLogBackend();
    return {
      createNode: () => ({ log: createMemoryLog(backend), state: createMemoryState(backend) }),
    };
  });
});
