export type { MemoryBlob } from "./memory-blob-store.ts";
export { createMemoryBlobStore, MemoryBlobBackend } from "./memory-blob-store.ts";
export { createMemoryKeyValue, MemoryKeyValueBackend } from "./memory-key-value.ts";
export type { MemoryLogOptions } from "./memory-log.ts";
export { createMemoryLog } from "./memory-log.ts";
export { MemoryLogBackend } from "./memory-log-backend.ts";
export { createMemoryPresence, MemoryPresenceBackend } from "./memory-presence.ts";
export { createMemoryState } from "./memory-state-store.ts";
