import type { Broadcast } from "@anywire/core";
import type { Codec, Message } from "./protocol.ts";

const FIN = 0x80;
const TEXT = 0x1;
const BINARY = 0x2;

/**
 * What goes out to a connection at the end of this turn: a chain of messages. Connections that were
 * handed the same broadcasts in the same order hold the same batch, so it is joined and framed once for
 * all of them, and handing one on costs a comparison.
 */
export class Batch {
  /** The batch without messages that this one was begun from. */
  readonly empty: Batch;
  /** Whether there is more in it than one connection should be handed at once. */
  readonly isFull: boolean;
  readonly #codec: Codec;
  readonly #maxSize: number;
  readonly #previous: Batch | null;
  readonly #message: Message;
  readonly #size: number;
  /** What was added last, one broadcast or several, and what came of it. */
  #lastAdded: Broadcast | readonly Broadcast[] | null = null;
  #lastNext: Batch | null = null;
  #payload: Buffer | null = null;
  #frame: Buffer | null = null;

  private constructor(codec: Codec, maxSize: number, previous: Batch | null, message: Message) {
    this.empty = previous === null ? this : previous.empty;
    this.#codec = codec;
    this.#maxSize = maxSize;
    this.#previous = previous;
    this.#message = message;
    this.#size = previous === null ? 0 : previous.#size + message.length;
    this.isFull = this.#size > maxSize;
  }

  /**
   * The batch that everything of one encoding begins from.
   *
   * @param maxSize bytes above which a batch counts as full, about
   */
  static empty(codec: Codec, maxSize: number = Number.POSITIVE_INFINITY): Batch {
    return new Batch(codec, maxSize, null, "");
  }

  /** Whether there is nothing to write. */
  get isEmpty(): boolean {
    return this.empty === this;
  }

  /** Whether its payload goes into binary frames. */
  get isBinary(): boolean {
    return this.#codec.name === "protobuf";
  }

  /** The batch that has a broadcast too; the same one for everyone who asks in a row. */
  with(broadcast: Broadcast): Batch {
    if (this.#lastAdded === broadcast && this.#lastNext !== null) return this.#lastNext;
    return this.#remember(broadcast, this.withOwn(this.#codec.broadcast(broadcast)));
  }

  /** The batch that has all of these too; the same one for everyone who asks with the same list in a row. */
  withAll(broadcasts: readonly Broadcast[]): Batch {
    if (this.#lastAdded === broadcasts && this.#lastNext !== null) return this.#lastNext;
    let next: Batch = this;
    for (const broadcast of broadcasts) next = next.withOwn(this.#codec.broadcast(broadcast));
    return this.#remember(broadcasts, next);
  }

  /** The batch that has a message of one connection too. */
  withOwn(message: Message): Batch {
    return new Batch(this.#codec, this.#maxSize, this, message);
  }

  /** Lets go of what was begun from here; called at the end of the turn. */
  forget(): void {
    this.#lastAdded = null;
    this.#lastNext = null;
  }

  /** The payload of one frame. */
  get payload(): Buffer {
    this.#payload ??= this.#codec.join(this.#messages());
    return this.#payload;
  }

  /**
   * The whole WebSocket frame, header included, to be written as it is.
   * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2
   */
  get frame(): Buffer {
    this.#frame ??= frameOf(this.payload, this.isBinary ? BINARY : TEXT);
    return this.#frame;
  }

  #remember(added: Broadcast | readonly Broadcast[], next: Batch): Batch {
    this.#lastAdded = added;
    this.#lastNext = next;
    return next;
  }

  #messages(): Message[] {
    const messages: Message[] = [];
    for (let at: Batch = this; at.#previous !== null; at = at.#previous) messages.push(at.#message);
    return messages.reverse();
  }
}

function frameOf(payload: Buffer, opcode: number): Buffer {
  const { length } = payload;
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerBytes + length);
  frame[0] = FIN | opcode;
  if (headerBytes === 2) {
    frame[1] = length;
  } else if (headerBytes === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  payload.copy(frame, headerBytes);
  return frame;
}
