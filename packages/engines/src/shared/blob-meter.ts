import { createHash } from "node:crypto";
import { AnywireError } from "@anywire/types";

/** Measures the bytes of a blob while they come. */
export class BlobMeter {
  readonly #maxBytes: number;
  readonly #hash = createHash("sha256");
  #sizeBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes a chunk. @throws {AnywireError} `too_large` when it goes over the limit. */
  take(chunk: Uint8Array): void {
    this.#sizeBytes += chunk.byteLength;
    if (this.#sizeBytes > this.#maxBytes) {
      throw new AnywireError("too_large", `there are more than ${this.#maxBytes} bytes; send less`);
    }
    this.#hash.update(chunk);
  }

  /** What was measured, once all has come. */
  end(): { readonly sizeBytes: number; readonly sha256: string } {
    return { sizeBytes: this.#sizeBytes, sha256: this.#hash.digest("hex") };
  }
}
