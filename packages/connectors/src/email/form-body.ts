import type { WebhookRequest } from "../contract/webhook.ts";

/** A file in a form. */
export interface FormFile {
  readonly field: string;
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

/** What a form says. */
export interface Form {
  /** The first of a name; undefined when there is none. */
  text(name: string): string | undefined;
  readonly files: readonly FormFile[];
}

const MAX_PARTS = 500;

/** Reads a form as browsers send it, of either kind. What is no form is an empty one. */
export function readForm({ headers, body }: WebhookRequest): Form {
  const type = headers["content-type"] ?? "";
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    const fields = new URLSearchParams(bytes.toString("utf8"));
    return { text: (name) => fields.get(name) ?? undefined, files: [] };
  }
  const [, quoted, bare] =
    /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(type) ?? [];
  const boundary = quoted ?? bare;
  return boundary === undefined ? EMPTY : readMultipart(bytes, boundary);
}

const EMPTY: Form = { text: () => undefined, files: [] };

/** @see https://www.rfc-editor.org/rfc/rfc7578 */
function readMultipart(body: Buffer, boundary: string): Form {
  const fields = new Map<string, string>();
  const files: FormFile[] = [];
  for (const part of partsOf(body, boundary)) {
    const split = part.indexOf("\r\n\r\n");
    const head = part.subarray(0, Math.max(split, 0)).toString("utf8");
    const name = parameter(head, "name");
    if (split < 0 || name === undefined) continue;
    const bytes = part.subarray(split + 4);
    const fileName = parameter(head, "filename");
    if (fileName === undefined) {
      if (!fields.has(name)) fields.set(name, bytes.toString("utf8"));
      continue;
    }
    const mimeType = /^content-type:\s*([^\s;]+)/im.exec(head)?.[1] ?? "application/octet-stream";
    files.push({ field: name, name: fileName, mimeType, bytes: new Uint8Array(bytes) });
  }
  return { text: (name) => fields.get(name), files };
}

function* partsOf(body: Buffer, boundary: string): Generator<Buffer> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const first = body.indexOf(delimiter.subarray(2));
  let start = first < 0 ? -1 : first + delimiter.length - 2;
  for (let count = 0; start >= 0 && count < MAX_PARTS; count += 1) {
    const end = body.indexOf(delimiter, start);
    // Cut off in the middle: that part can't be relied on.
    if (end < 0) return;
    yield body.subarray(start + 2, end);
    start = end + delimiter.length;
  }
}

function parameter(head: string, name: string): string | undefined {
  const pattern = new RegExp(
    `^content-disposition:.*?[;\\s]${name}="((?:[^"\\\\\\r\\n]|\\\\.)*)"`,
    "im",
  );
  return pattern.exec(head)?.[1]?.replace(/\\(.)/g, "$1").replace(/%22/g, '"');
}
