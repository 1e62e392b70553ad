import { createHash, randomBytes } from "node:crypto";
import type { BlobDraft, BlobStore, ByteRange } from "@anywire/core";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { createRule, type KnownGap } from "./rule.ts";

/** One backend, empty at the start of each test, that several nodes can join. */
export interface BlobBackend {
  /** A new store on this backend, not started. */
  createNode(): BlobStore;
  /** How many things are kept that belong to no whole blob. A driver that keeps them somewhere must give it. */
  countLeftovers?(): Promise<number>;
  /** Called after each test, once its nodes are closed. */
  dispose?(): Promise<void>;
}

const KIB = 1024;
const draft: BlobDraft = {
  platform: "production",
  id: "b-1_A",
  mimeType: "image/png",
  name: "Überblick 🚀.png",
  maxBytes: 1024 * KIB,
};

/**
 * The contract of `BlobStore`, as tests. A driver's test file is one call of this.
 *
 * @example
 * describeBlobStore("memory", () => {
 *   const backend = new MemoryBlobBackend();
 *   return { createNode: () => createMemoryBlobStore(backend) };
 * });
 */
export function describeBlobStore(
  driver: string,
  createBackend: () => BlobBackend | Promise<BlobBackend>,
  gaps: readonly KnownGap[] = [],
): void {
  const rule = createRule(gaps);
  describe(`BlobStore: ${driver}`, () => {
    let backend: BlobBackend;
    let a: BlobStore;
    let b: BlobStore;

    beforeEach(async () => {
      backend = await createBackend();
      a = backend.createNode();
      b = backend.createNode();
      await Promise.all([a.start(), b.start()]);
    });

    afterEach(async () => {
      await Promise.all([a.close(), b.close()]);
      await backend.dispose?.();
    });

    const expectNothingStored = async (): Promise<void> => {
      for (const node of [a, b]) {
        await expect(node.head(draft)).rejects.toMatchObject({ code: "not_found" });
        await expect(node.get(draft)).rejects.toMatchObject({ code: "not_found" });
      }
      expect((await backend.countLeftovers?.()) ?? 0).toBe(0);
    };

    rule("gives what was put, with all that is known of it, on every node", async () => {
      const bytes = randomBytes(300 * KIB);
      const before = Date.now();
      const info = await a.put(draft, chunks(bytes, 10_000));
      const { maxBytes: _, ...known } = draft;
      expect(info).toEqual({
        ...known,
        sizeBytes: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        at: expect.any(Number),
      });
      expect(info.at).toBeGreaterThanOrEqual(before - 1000);
      for (const node of [a, b]) {
        expect(await node.head(draft)).toEqual(info);
        expect(bytes.equals(await read(node, draft))).toBe(true);
      }
      expect((await backend.countLeftovers?.()) ?? 0).toBe(0);
    });

    rule("keeps nothing of what its caller does to a chunk later", async () => {
      const chunk = Buffer.from("before");
      await a.put(draft, chunks(chunk));
      chunk.fill("x");
      expect((await read(b, draft)).toString()).toBe("before");
    });

    rule("keeps a blob of no bytes", async () => {
      await a.put(draft, chunks(Buffer.alloc(0)));
      expect(await b.head(draft)).toMatchObject({ sizeBytes: 0 });
      expect(await read(b, draft)).toHaveLength(0);
    });

    rule("gives exactly the bytes of a range", async () => {
      const bytes = randomBytes(200 * KIB);
      await a.put(draft, chunks(bytes, 64 * KIB));
      const size = bytes.length;
      for (const [start, end] of [
        [0, 1],
        [0, size],
        [size - 1, size],
        [65_535, 65_537],
        [1, 150_000],
      ] as const) {
        const part = await read(b, draft, { start, end });
        expect(part.equals(bytes.subarray(start, end)), `${start}-${end}`).toBe(true);
      }
    });

    rule("takes the next chunk only when it is done with the one before", async () => {
      const chunk = Buffer.alloc(KIB);
      async function* reused() {
        for (let i = 0; i < 20; i += 1) yield chunk.fill(i);
      }
      await a.put(draft, reused());
      const bytes = await read(b, draft);
      for (let i = 0; i < 20; i += 1) expect(bytes[i * KIB]).toBe(i);
    });

    rule("refuses a blob over its limit, reads no further and keeps nothing", async () => {
      let taken = 0;
      async function* endless() {
        for (;;) {
          taken += 1;
          yield Buffer.alloc(KIB);
        }
      }
      const put = a.put({ ...draft, maxBytes: 10 * KIB }, endless());
      await expect(put).rejects.toMatchObject({ code: "too_large" });
      expect(taken).toBe(11);
      await expectNothingStored();
      await a.put({ ...draft, maxBytes: 10 * KIB }, chunks(Buffer.alloc(10 * KIB)));
    });

    rule("rejects with what the stream throws, and keeps nothing", async () => {
      const lost = new Error("the connection was lost");
      async function* broken() {
        yield Buffer.from("half of it");
        throw lost;
      }
      await expect(a.put(draft, broken())).rejects.toBe(lost);
      await expectNothingStored();
      await b.put(draft, chunks(Buffer.from("all of it")));
      expect((await read(a, draft)).toString()).toBe("all of it");
    });

    rule("shows nothing of a blob before it is whole", async () => {
      async function* watched() {
        yield Buffer.from("half");
        await expect(b.head(draft)).rejects.toMatchObject({ code: "not_found" });
        yield Buffer.from(" and half");
      }
      await a.put(draft, watched());
      expect((await read(b, draft)).toString()).toBe("half and half");
    });

    rule("refuses a second blob under one key and leaves the first as it is", async () => {
      const info = await a.put(draft, chunks(Buffer.from("first")));
      const again = b.put({ ...draft, name: "other" }, chunks(Buffer.from("second")));
      await expect(again).rejects.toMatchObject({ code: "conflict" });
      expect(await a.head(draft)).toEqual(info);
      expect((await read(b, draft)).toString()).toBe("first");
      expect((await backend.countLeftovers?.()) ?? 0).toBe(0);
    });

    rule("lets one of several win that are put under one key at the same time", async () => {
      const puts = Array.from({ length: 10 }, (_, i) =>
        (i % 2 === 0 ? a : b).put({ ...draft, name: `n-${i}` }, chunks(Buffer.alloc(1000, i), 100)),
      );
      const settled = await Promise.allSettled(puts);
      const won = settled.filter((result) => result.status === "fulfilled");
      const lost = settled.filter((result) => result.status === "rejected");
      expect(won).toHaveLength(1);
      for (const { reason } of lost) expect(reason).toMatchObject({ code: "conflict" });
      const info = await b.head(draft);
      expect(info).toEqual(won[0]?.value);
      const bytes = await read(a, draft);
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(info.sha256);
      expect((await backend.countLeftovers?.()) ?? 0).toBe(0);
    });

    rule("keeps platforms apart", async () => {
      await a.put(draft, chunks(Buffer.from("production")));
      const staging = { ...draft, platform: "staging" };
      await expect(b.head(staging)).rejects.toMatchObject({ code: "not_found" });
      await b.put(staging, chunks(Buffer.from("staging")));
      await b.delete(staging);
      expect((await read(b, draft)).toString()).toBe("production");
    });

    rule("has no blob once delete has resolved, on every node, and deletes twice", async () => {
      await a.put(draft, chunks(Buffer.from("gone")));
      await b.delete(draft);
      await expectNothingStored();
      await a.delete(draft);
      await a.put(draft, chunks(Buffer.from("back")));
      expect((await read(b, draft)).toString()).toBe("back");
    });

    rule("ends a stream whole whose blob is deleted meanwhile", async () => {
      const bytes = randomBytes(500 * KIB);
      await a.put(draft, chunks(bytes, 64 * KIB));
      const reader = (await a.get(draft)).getReader();
      const first = await reader.read();
      await b.delete(draft);
      const parts = [Buffer.from(first.value ?? [])];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(Buffer.from(value));
      }
      expect(bytes.equals(Buffer.concat(parts))).toBe(true);
    });

    rule("lets a reader stop before the end", async () => {
      await a.put(draft, chunks(randomBytes(500 * KIB), 64 * KIB));
      const stream = await a.get(draft);
      const reader = stream.getReader();
      await reader.read();
      await reader.cancel();
      expect(await reader.read()).toEqual({ done: true, value: undefined });
    });

    rule("has nothing at a key that cannot be one, and puts nothing there", async () => {
      await a.put(draft, chunks(Buffer.from("x")));
      for (const id of ["", ".", "..", "../x", "a/b", "a\\b", "a\0b", "a.b", "x".repeat(129)]) {
        for (const key of [
          { ...draft, id },
          { ...draft, platform: id },
        ]) {
          await expect(a.head(key)).rejects.toMatchObject({ code: "not_found" });
          await expect(a.get(key)).rejects.toMatchObject({ code: "not_found" });
          await a.delete(key);
          const put = a.put(key, chunks(Buffer.from("x")));
          await expect(put).rejects.toMatchObject({ code: "bad_request" });
        }
      }
      expect((await read(a, draft)).toString()).toBe("x");
    });

    rule("keeps blobs past its own end when it says that it is durable", async () => {
      await a.put(draft, chunks(Buffer.from("kept")));
      await Promise.all([a.close(), b.close()]);
      const next = backend.createNode();
      await next.start();
      if (next.capabilities.isDurable) expect((await read(next, draft)).toString()).toBe("kept");
      await next.close();
    });

    rule("rejects every call before it was started", async () => {
      await expectRefusal(backend.createNode());
    });

    rule("rejects every call after close, and closes twice", async () => {
      await a.close();
      await a.close();
      await expectRefusal(a);
    });
  });
}

async function* chunks(bytes: Buffer, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}

async function read(store: BlobStore, key: BlobDraft, range?: ByteRange): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of await store.get(key, range)) parts.push(part);
  return Buffer.concat(parts);
}

async function expectRefusal(store: BlobStore): Promise<void> {
  const unavailable = { code: "unavailable" };
  await expect(store.put(draft, chunks(Buffer.alloc(1)))).rejects.toMatchObject(unavailable);
  await expect(store.head(draft)).rejects.toMatchObject(unavailable);
  await expect(store.get(draft)).rejects.toMatchObject(unavailable);
  await expect(store.delete(draft)).rejects.toMatchObject(unavailable);
}
