import { AnywireError, isSegment } from "@anywire/types";
import {
  type BlobCapabilities,
  type BlobDraft,
  type BlobInfo,
  type BlobKey,
  type BlobStore,
  type ByteRange,
  isSigningBlobStore,
  type SigningBlobStore,
} from "../ports/blob-store.ts";
import { Gate } from "./gate.ts";

const ID = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Gives a driver the life that `BlobStore` promises, and the keys: it is started once; before that and after
 * `close` every call rejects with `unavailable`; a key that cannot be one never reaches the driver.
 */
export function manageBlobStore(driver: BlobStore): BlobStore {
  return isSigningBlobStore(driver)
    ? new ManagedSigningBlobStore(driver)
    : new ManagedBlobStore(driver);
}

class ManagedBlobStore implements BlobStore {
  readonly capabilities: BlobCapabilities;
  readonly #driver: BlobStore;
  protected readonly gate = new Gate("blob store");

  constructor(driver: BlobStore) {
    this.#driver = driver;
    this.capabilities = driver.capabilities;
  }

  start(): Promise<void> {
    return this.gate.start(() => this.#driver.start());
  }

  put(draft: BlobDraft, bytes: AsyncIterable<Uint8Array>): Promise<BlobInfo> {
    return this.gate.run(async () => {
      if (!isKey(draft)) throw new AnywireError("bad_request", whatIsNoKey(draft));
      return this.#driver.put(draft, bytes);
    });
  }

  head(key: BlobKey): Promise<BlobInfo> {
    return this.#read(key, () => this.#driver.head(key));
  }

  get(key: BlobKey, range?: ByteRange): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.#read(key, () => this.#driver.get(key, range));
  }

  delete(key: BlobKey): Promise<void> {
    return this.gate.run(async () => {
      if (isKey(key)) await this.#driver.delete(key);
    });
  }

  close(): Promise<void> {
    return this.gate.close(() => this.#driver.close());
  }

  #read<T>(key: BlobKey, call: () => Promise<T>): Promise<T> {
    return this.gate.run(async () => {
      if (!isKey(key)) throw new AnywireError("not_found", whatIsNoKey(key));
      return call();
    });
  }
}

class ManagedSigningBlobStore extends ManagedBlobStore implements SigningBlobStore {
  readonly #signer: SigningBlobStore;

  constructor(driver: SigningBlobStore) {
    super(driver);
    this.#signer = driver;
  }

  signedUrl(key: BlobKey, ttlMs: number): Promise<string> {
    return this.gate.run(() => this.#signer.signedUrl(key, ttlMs));
  }
}

function isKey({ platform, id }: BlobKey): boolean {
  return isSegment(platform) && ID.test(id);
}

function whatIsNoKey({ platform, id }: BlobKey): string {
  const given = JSON.stringify(`${platform}.${id}`.slice(0, 200));
  return `${given} is no blob's key; write letters, digits, _ and -`;
}
