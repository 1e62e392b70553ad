import { describeBlobStore } from "@anywire/testkit";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createMemoryBlobStore, MemoryBlobBackend } from "./memory-blob-store.ts";

withEngine("memory", () => {
  describeBlobStore("memory", () => {
    const backend = new MemoryBlobBackend();
    return { createNode: () => createMemoryBlobStore(backend) };
  });
});
