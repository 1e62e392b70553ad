/** One field of a form, or one file. */
export interface FormPart {
  readonly name: string;
  /** Undefined for a field that is no file. */
  readonly fileName: string | undefined;
  readonly mimeType: string | undefined;
  readonly bytes: Buffer;
}

const BOUNDARY = /boundary=(?:"([^"]+)"|([^;\s]+))/i;

/**
 * The parts of a `multipart/form-data` body, taken as networks take them: with or without blanks and quotes in its headers.
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export function parseMultipart(contentType: string, body: Buffer): readonly FormPart[] {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return [];
  const mark = Buffer.from(`--${boundary}`);
  const parts: FormPart[] = [];
  let from = body.indexOf(mark);
  while (from >= 0) {
    const start = from + mark.length;
    const next = body.indexOf(mark, start);
    if (next < 0) break;
    const part = parsePart(body.subarray(start, next));
    if (part !== undefined) parts.push(part);
    from = next;
  }
  return parts;
}

function parsePart(part: Buffer): FormPart | undefined {
  const end = part.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = part.subarray(0, end).toString("utf8");
  const name = /[;\s]name="([^"]*)"/i.exec(head)?.[1];
  if (name === undefined) return undefined;
  const [, quoted, plain] = /filename=(?:"([^"]*)"|([^\r\n;]*))/i.exec(head) ?? [];
  return {
    name,
    fileName: quoted ?? plain,
    mimeType: /content-type:\s*([^\r\n;]+)/i.exec(head)?.[1],
    // Before the next mark is a line's end that is none of the bytes.
    bytes: part.subarray(end + 4, part.length - 2),
  };
}
