import { isDeeperThan } from "@anywire/core";
import { AnywireError } from "@anywire/types";

/** What a body may be. */
export interface BodyLimits {
  /** The largest, bytes. */
  readonly maxBodyBytes: number;
  /** The deepest nesting of arrays and objects. */
  readonly maxDepth: number;
}

const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The value a request's body holds. Reads no more than the limit, whatever the request says of its length.
 * @throws {AnywireError} `bad_request` when it is not JSON in UTF-8, `too_large` for either limit.
 */
export async function readJsonBody(request: Request, limits: BodyLimits): Promise<unknown> {
  assertJsonType(request.headers.get("content-type"));
  return jsonIn(await readBodyBytes(request, limits.maxBodyBytes), limits);
}

/**
 * The same, where a body may be left out, and its type with it: undefined then.
 * @throws {AnywireError} as `readJsonBody` does.
 */
export async function readOptionalJsonBody(request: Request, limits: BodyLimits): Promise<unknown> {
  const type = request.headers.get("content-type");
  if (type !== null) assertJsonType(type);
  const bytes = await readBodyBytes(request, limits.maxBodyBytes);
  if (bytes.byteLength === 0) return undefined;
  assertJsonType(type);
  return jsonIn(bytes, limits);
}

function jsonIn(bytes: Uint8Array, limits: BodyLimits): unknown {
  const value = parse(decode(bytes));
  if (isDeeperThan(value, limits.maxDepth)) {
    throw new AnywireError(
      "too_large",
      `the body is nested deeper than ${limits.maxDepth} levels; make it flatter, or raise limits.maxDepth`,
    );
  }
  return value;
}

function assertJsonType(contentType: string | null): void {
  if (contentType !== null && JSON_TYPE.test(contentType)) return;
  const given = contentType === null ? "nothing" : JSON.stringify(contentType.slice(0, 100));
  throw new AnywireError("bad_request", `the content-type must be application/json, not ${given}`);
}

/**
 * The bytes of a request's body, no more than the limit.
 * @throws {AnywireError} `bad_request` when it broke off, `too_large`.
 */
export async function readBodyBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const { headers } = request;
  // A length holds only without chunks; then the HTTP parser lets no more bytes through than it says.
  const length = headers.has("transfer-encoding") ? null : headers.get("content-length");
  if (length !== null && !(Number(length) <= maxBytes)) throw bodyTooLarge(maxBytes);
  try {
    if (length === null) return await readStream(request.body, maxBytes);
    return new Uint8Array(await request.arrayBuffer());
  } catch (thrown) {
    if (thrown instanceof AnywireError) throw thrown;
    throw new AnywireError("bad_request", "the body broke off before its end; send it again", {
      cause: thrown,
    });
  }
}

async function readStream(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw bodyTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function bodyTooLarge(maxBytes: number): AnywireError {
  return new AnywireError(
    "too_large",
    `the body is larger than ${maxBytes} bytes; send less, or raise http.maxBodyBytes`,
  );
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new AnywireError("bad_request", "the body is not valid UTF-8; encode it so", { cause });
  }
}

function parse(text: string): unknown {
  if (text === "") throw new AnywireError("bad_request", "the body is empty; send JSON");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AnywireError("bad_request", "the body is not valid JSON; check its syntax", {
      cause,
    });
  }
}
