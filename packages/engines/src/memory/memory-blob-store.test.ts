import { describeBlobStore } from "@anywire/testkit";
import { createMemoryBlobStore, MemoryBlobBackend } from "./memory-blob-store.ts";

describeBlobStore("memory", () => {
  const backend = new MemoryBlobBackend();
  return { createNode: () => createMemoryBlobStore(backend) };
});
