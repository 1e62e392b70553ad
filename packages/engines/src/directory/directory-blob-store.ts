import { type FileHandle, mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  type BlobDraft,
  type BlobInfo,
  type BlobKey,
  type BlobStore,
  type ByteRange,
  manageBlobStore,
} from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { blobExists, noBlob } from "../shared/blob-faults.ts";
import { BlobMeter } from "../shared/blob-meter.ts";
import { isMissing, onDisk, placeDirectory, syncDirectory } from "./disk.ts";
import { fileStream } from "./file-stream.ts";
import { StagingArea } from "./staging-area.ts";

/** Where a store keeps its blobs. */
export interface DirectoryBlobStoreOptions {
  /** Made when it is missing. Several processes may share it. */
  readonly directory: string;
}

const BYTES = "bytes";
const INFO = "info.json";

/**
 * A `BlobStore` in a directory. Each blob is a directory of its own, `<platform>/<first two of the id>/<id>`, with its
 * bytes and what is known of it. Both are written and flushed elsewhere, then moved into place in one step.
 */
export function createDirectoryBlobStore(options: DirectoryBlobStoreOptions): BlobStore {
  return manageBlobStore(new DirectoryBlobStore(options));
}

class DirectoryBlobStore implements BlobStore {
  readonly capabilities = { isDurable: true };
  readonly #root: string;
  readonly #staging: StagingArea;

  constructor({ directory }: DirectoryBlobStoreOptions) {
    this.#root = resolve(directory);
    // A dot is no letter of a platform.
    this.#staging = new StagingArea(join(this.#root, ".staging"));
  }

  async start(): Promise<void> {
    await onDisk(() => this.#staging.open());
  }

  put(draft: BlobDraft, bytes: AsyncIterable<Uint8Array>): Promise<BlobInfo> {
    return this.#staging.use(async (staged) => {
      const place = this.#placeOf(draft);
      if (await exists(place)) throw blobExists(draft);
      await onDisk(() => mkdir(staged));
      const info = await writeBlob(staged, draft, bytes);
      try {
        await onDisk(() => placeDirectory(staged, place, this.#root));
      } catch (error) {
        // Another was faster: a directory can't be moved onto one that has something in it.
        throw (await exists(place)) ? blobExists(draft) : error;
      }
      return info;
    });
  }

  async head(key: BlobKey): Promise<BlobInfo> {
    const text = await this.#find(key, (place) => readFile(join(place, INFO), "utf8"));
    const info = parseInfo(text);
    // Where the file system does not tell capitals apart, another spelling finds the blob too.
    if (info.platform !== key.platform || info.id !== key.id) throw noBlob(key);
    return info;
  }

  async get(key: BlobKey, range?: ByteRange): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const { sizeBytes } = await this.head(key);
    const file = await this.#find(key, (place) => open(join(place, BYTES)));
    return fileStream(file, range?.start ?? 0, range?.end ?? sizeBytes);
  }

  async delete(key: BlobKey): Promise<void> {
    const place = this.#placeOf(key);
    await this.#staging.use((staged) =>
      onDisk(async () => {
        try {
          await rename(place, staged);
        } catch (error) {
          if (isMissing(error)) return;
          throw error;
        }
        await syncDirectory(dirname(place));
      }),
    );
  }

  async close(): Promise<void> {}

  #placeOf({ platform, id }: BlobKey): string {
    return join(this.#root, platform, id.slice(0, 2), id);
  }

  #find<T>(key: BlobKey, read: (place: string) => Promise<T>): Promise<T> {
    return onDisk(async () => {
      try {
        return await read(this.#placeOf(key));
      } catch (error) {
        throw isMissing(error) ? noBlob(key) : error;
      }
    });
  }
}

/** Writes both files of a blob and flushes them, with the directory that has them. */
async function writeBlob(
  directory: string,
  { maxBytes, platform, id, mimeType, name }: BlobDraft,
  bytes: AsyncIterable<Uint8Array>,
): Promise<BlobInfo> {
  const meter = new BlobMeter(maxBytes);
  await writeFlushed(join(directory, BYTES), async (file) => {
    for await (const chunk of bytes) {
      meter.take(chunk);
      await onDisk(() => file.writeFile(chunk));
    }
  });
  const info = { platform, id, mimeType, name, ...meter.end(), at: Date.now() };
  await writeFlushed(join(directory, INFO), (file) =>
    onDisk(() => file.writeFile(JSON.stringify(info))),
  );
  await onDisk(() => syncDirectory(directory));
  return info;
}

async function writeFlushed(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await onDisk(() => open(path, "wx"));
  try {
    await write(file);
    await onDisk(() => file.sync());
  } finally {
    await file.close();
  }
}

function parseInfo(text: string): BlobInfo {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = "what is known of a blob can't be read: restore a backup";
    throw new AnywireError("storage_damaged", message, { cause });
  }
}

function exists(path: string): Promise<boolean> {
  return onDisk(async () => {
    try {
      await stat(path);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  });
}
