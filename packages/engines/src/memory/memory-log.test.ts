import { describeLog } from "@anywire/testkit";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createMemoryLog } from "./memory-log.ts";
import { MemoryLogBackend } from "./memory-log-backend.ts";

withEngine("memory", () => {
  describeLog("memory", () => {
    const backend = new MemoryLogBackend();
    return { createNode: (options) => createMemoryLog(backend, options) };
  });
});
