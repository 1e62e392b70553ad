const EXTENDED_16 = 126;
const EXTENDED_64 = 127;

/** What the bytes of one frame's payload are given to; `isLast` says that the frame ends with them. */
export type PayloadHandler = (buffer: Buffer, start: number, end: number, isLast: boolean) => void;

/** Finds the payloads in the unmasked frames of a server, whatever way TCP cut them. */
export class FrameParser {
  /** Frames seen to their end. */
  frames = 0;
  readonly #onPayload: PayloadHandler;
  readonly #header = Buffer.alloc(10);
  #headerBytes = 0;
  #remaining = 0;

  constructor(onPayload: PayloadHandler) {
    this.#onPayload = onPayload;
  }

  /** Takes the next bytes of the stream, `start` to `end` of the buffer. */
  push(buffer: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#remaining === 0) {
        at = this.#readHeader(buffer, at, end);
        continue;
      }
      const stop = Math.min(end, at + this.#remaining);
      this.#remaining -= stop - at;
      if (this.#remaining === 0) this.frames += 1;
      this.#onPayload(buffer, at, stop, this.#remaining === 0);
      at = stop;
    }
  }

  #readHeader(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end) {
      this.#header[this.#headerBytes] = buffer[at] as number;
      this.#headerBytes += 1;
      at += 1;
      if (this.#headerBytes === this.#headerLength()) {
        this.#remaining = this.#payloadLength();
        this.#headerBytes = 0;
        if (this.#remaining > 0) return at;
        this.frames += 1;
      }
    }
    return at;
  }

  #headerLength(): number {
    if (this.#headerBytes < 2) return 2;
    const length = this.#header[1] as number;
    if (length === EXTENDED_64) return 10;
    return length === EXTENDED_16 ? 4 : 2;
  }

  #payloadLength(): number {
    const length = this.#header[1] as number;
    if (length === EXTENDED_64) return Number(this.#header.readBigUInt64BE(2));
    return length === EXTENDED_16 ? this.#header.readUInt16BE(2) : length;
  }
}
