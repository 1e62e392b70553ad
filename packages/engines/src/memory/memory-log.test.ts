import { describeLog } from "@anywire/testkit";
import { createMemoryLog } from "./memory-log.ts";
import { MemoryLogBackend } from "./memory-log-backend.ts";

describeLog("memory", () => {
  const backend = new MemoryLogBackend();
  return { createNode: (options) => createMemoryLog(backend, options) };
});
