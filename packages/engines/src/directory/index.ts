export type { DirectoryBlobStoreOptions } from "./directory-blob-store.ts";
export { createDirectoryBlobStore } from "./directory-blob-store.ts";
