import {
  type BlobDraft,
  type BlobInfo,
  type BlobKey,
  type BlobStore,
  type ByteRange,
  manageBlobStore,
} from "@anywire/core";
import { blobExists, noBlob } from "../shared/blob-faults.ts";
import { BlobMeter } from "../shared/blob-meter.ts";

/** A blob and its bytes. */
export interface MemoryBlob {
  readonly info: BlobInfo;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What the blob stores of one process share when they are made with it, as nodes share a bucket. */
export class MemoryBlobBackend {
  readonly #blobs = new Map<string, MemoryBlob>();

  /** The blob at a key. @throws {AnywireError} `not_found`. */
  find(key: BlobKey): MemoryBlob {
    const blob = this.#blobs.get(nameOf(key));
    if (blob === undefined) throw noBlob(key);
    return blob;
  }

  /** Keeps a blob. @throws {AnywireError} `conflict` when its key has one. */
  add(blob: MemoryBlob): void {
    this.assertFree(blob.info);
    this.#blobs.set(nameOf(blob.info), blob);
  }

  /** @throws {AnywireError} `conflict` when the key has a blob. */
  assertFree(key: BlobKey): void {
    if (this.#blobs.has(nameOf(key))) throw blobExists(key);
  }

  /** Forgets a blob, if there is one. */
  remove(key: BlobKey): void {
    this.#blobs.delete(nameOf(key));
  }
}

/** A `BlobStore` within one process; nothing is kept past its end. */
export function createMemoryBlobStore(
  backend: MemoryBlobBackend = new MemoryBlobBackend(),
): BlobStore {
  return manageBlobStore(new MemoryBlobStore(backend));
}

class MemoryBlobStore implements BlobStore {
  readonly capabilities = { isDurable: false };
  readonly #backend: MemoryBlobBackend;

  constructor(backend: MemoryBlobBackend) {
    this.#backend = backend;
  }

  async start(): Promise<void> {}

  async put(draft: BlobDraft, bytes: AsyncIterable<Uint8Array>): Promise<BlobInfo> {
    this.#backend.assertFree(draft);
    const { maxBytes, ...known } = draft;
    const meter = new BlobMeter(maxBytes);
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) {
      meter.take(chunk);
      // A copy: `slice` of a Buffer would share its memory.
      chunks.push(new Uint8Array(chunk));
    }
    const info = { ...known, ...meter.end(), at: Date.now() };
    this.#backend.add({ info, bytes: new Uint8Array(Buffer.concat(chunks, info.sizeBytes)) });
    return info;
  }

  async head(key: BlobKey): Promise<BlobInfo> {
    return this.#backend.find(key).info;
  }

  async get(key: BlobKey, range?: ByteRange): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const { bytes } = this.#backend.find(key);
    const part = bytes.slice(range?.start, range?.end);
    return new ReadableStream({
      start(controller) {
        if (part.byteLength > 0) controller.enqueue(part);
        controller.close();
      },
    });
  }

  async delete(key: BlobKey): Promise<void> {
    this.#backend.remove(key);
  }

  async close(): Promise<void> {}
}

function nameOf({ platform, id }: BlobKey): string {
  return `${platform}.${id}`;
}
