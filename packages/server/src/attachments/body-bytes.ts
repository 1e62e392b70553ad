import { AnywireError } from "@anywire/types";

/** The bytes of a request's body: the first of them at hand, all of them to come. */
export interface BodyBytes {
  readonly sample: Uint8Array;
  /** All bytes from the first on, in chunks as they come. Can be gone through once. */
  readonly all: AsyncIterable<Uint8Array>;
}

/**
 * Begins to read a file's bytes; as much of it as the sample takes is read at once.
 * @throws {AnywireError} `too_large`, here when `sizeBytes` says so, in `all` when it turns out; `bad_request` when
 * the body breaks off before its end.
 */
export async function readBody(
  body: ReadableStream<Uint8Array> | null,
  sizeBytes: number | undefined,
  maxBytes: number,
  sampleBytes: number,
): Promise<BodyBytes> {
  if (sizeBytes !== undefined && sizeBytes > maxBytes) throw tooLarge(maxBytes);
  const chunks = limited(body, maxBytes);
  const first: Uint8Array[] = [];
  let size = 0;
  while (size < sampleBytes) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    first.push(value);
    size += value.byteLength;
  }
  return { sample: Buffer.concat(first).subarray(0, sampleBytes), all: continued(first, chunks) };
}

function tooLarge(maxBytes: number): AnywireError {
  return new AnywireError(
    "too_large",
    `the attachment is larger than ${maxBytes} bytes; send less, or raise attachments.maxBytes`,
  );
}

async function* continued(
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield* first;
  yield* rest;
}

async function* limited(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void> {
  if (body === null) return;
  // Not `for await`: leaving one ends the connection, and the sender would never see why.
  const reader = body.getReader();
  let size = 0;
  for (;;) {
    const { done, value } = await readNext(reader);
    if (done) return;
    size += value.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    yield value;
  }
}

async function readNext(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReturnType<typeof reader.read> {
  try {
    return await reader.read();
  } catch (cause) {
    const message = "the body broke off before its end; send it again";
    throw new AnywireError("bad_request", message, { cause });
  }
}
