/** Where a blob is kept. Blobs of different platforms never meet, whatever their ids. */
export interface BlobKey {
  /** A segment: 1 to 64 letters, digits, `_` or `-`. */
  readonly platform: string;
  /** 1 to 128 letters, digits, `_` or `-`, made by whoever puts it. Where ids are handed out they must be unguessable. */
  readonly id: string;
}

/** A blob on its way into the store. */
export interface BlobDraft extends BlobKey {
  /** Its media type, settled by whoever puts it: a store never looks inside. 1 to 128 characters. */
  readonly mimeType: string;
  /** What people call it; any text, 1 to 256 characters. */
  readonly name: string;
  /** More bytes than this are refused. */
  readonly maxBytes: number;
}

/** A blob as it was stored. It never changes. */
export interface BlobInfo extends BlobKey {
  readonly mimeType: string;
  readonly name: string;
  readonly sizeBytes: number;
  /** SHA-256 of the bytes, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** When it was stored, milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A run of bytes within a blob. */
export interface ByteRange {
  /** The first byte, from 0. */
  readonly start: number;
  /** The byte after the last one; more than `start`, no more than the blob's size. */
  readonly end: number;
}

/** What a driver can do. Known before `start`, and never changes. */
export interface BlobCapabilities {
  /** Blobs outlive the process. */
  readonly isDurable: boolean;
}

/**
 * Attachments: bytes that are written once, read whole or in part, and never changed.
 *
 * Every driver MUST keep these rules; each is a test in `describeBlobStore`:
 * - `put` resolves only when the blob is durable as configured, and is atomic: after any crash, refusal or
 *   broken stream the blob is there whole, with all that is known of it, or not at all, and takes no room.
 * - `put` takes a chunk only when it is done with the one before, and reads no further once it has refused.
 * - `put` on a key that has a blob rejects with `conflict` and leaves the stored one as it is, also when two
 *   run at the same time or on two nodes. More than `maxBytes` is `too_large`, a full disk `storage_full`;
 *   what the stream throws, `put` rejects with.
 * - A `head` or `get` started after a `put` or `delete` resolved says so, on every node.
 * - `get` gives exactly the bytes of the range, in order. A stream that was begun ends whole even when the
 *   blob is deleted meanwhile; one that is cancelled lets go of what it holds.
 * - A missing blob, and a key that cannot be one, is `not_found`. No key reaches anything but blobs.
 * - Before `start` and after `close`, every call rejects with `unavailable`.
 */
export interface BlobStore {
  readonly capabilities: BlobCapabilities;
  /** Called once, before any other method. Removes what a crash has left behind. */
  start(): Promise<void>;
  /** Stores the bytes of a stream. */
  put(draft: BlobDraft, bytes: AsyncIterable<Uint8Array>): Promise<BlobInfo>;
  /** What is known of a blob. */
  head(key: BlobKey): Promise<BlobInfo>;
  /** A blob's bytes; without a range all of them. */
  get(key: BlobKey, range?: ByteRange): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /** Removes a blob; a missing one is no error. */
  delete(key: BlobKey): Promise<void>;
  /** Waits for calls under way. A second call is a no-op. */
  close(): Promise<void>;
}

/** A store whose blobs a client can fetch from where they are, such as one behind an object store's own API. */
export interface SigningBlobStore extends BlobStore {
  /** A URL that gives the blob's bytes to whoever has it, for that many ms. */
  signedUrl(key: BlobKey, ttlMs: number): Promise<string>;
}

/** Whether a store can sign URLs. */
export function isSigningBlobStore(store: BlobStore): store is SigningBlobStore {
  return "signedUrl" in store;
}
