import { expect, test } from "vitest";
import { type BlobStore, isSigningBlobStore } from "../ports/blob-store.ts";
import { manageBlobStore } from "./managed-blob-store.ts";

const key = { platform: "production", id: "b1" };

/** As much of a driver as the life of one needs; what is called is listed. */
function silentDriver(calls: string[]): BlobStore {
  const call =
    (name: string) =>
    async (...words: unknown[]) =>
      void calls.push(`${name} ${JSON.stringify(words)}`);
  const driver = {
    capabilities: { isDurable: false },
    start: async () => {},
    close: async () => {},
    ...Object.fromEntries(["put", "head", "get", "delete"].map((name) => [name, call(name)])),
  };
  return driver as unknown as BlobStore;
}

test("a driver that signs URLs still does when it is managed, and no other seems to", async () => {
  const plain = silentDriver([]);
  const signing = { ...plain, signedUrl: async () => "https://blobs.example.org/b1" };
  const managed = manageBlobStore(signing);
  await managed.start();
  expect(isSigningBlobStore(manageBlobStore(plain))).toBe(false);
  expect(isSigningBlobStore(managed) && (await managed.signedUrl(key, 1000))).toBe(
    "https://blobs.example.org/b1",
  );
});

test("a key that cannot be one never reaches the driver", async () => {
  const calls: string[] = [];
  const store = manageBlobStore(silentDriver(calls));
  await store.start();
  for (const id of ["", "..", "a/b", "a\\b", "a.b", "a\0", "é", "x".repeat(129)]) {
    for (const wrong of [
      { platform: "production", id },
      { platform: id, id: "b1" },
    ]) {
      await expect(store.head(wrong)).rejects.toMatchObject({ code: "not_found" });
      await expect(store.get(wrong)).rejects.toMatchObject({ code: "not_found" });
      await store.delete(wrong);
    }
  }
  expect(calls).toEqual([]);
  await store.delete(key);
  expect(calls).toHaveLength(1);
});
