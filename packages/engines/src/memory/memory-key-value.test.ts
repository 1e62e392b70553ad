import { describeKeyValueStore } from "@anywire/testkit";
import { createMemoryKeyValue, MemoryKeyValueBackend } from "./memory-key-value.ts";

describeKeyValueStore("memory", () => {
  const backend = new MemoryKeyValueBackend();
  return { createNode: () => createMemoryKeyValue(backend) };
});
