import { AnywireError } from "@anywire/types";
import { fileTypeFromBuffer, supportedMimeTypes } from "file-type";
import { isText } from "./media-type.ts";

/** How many of the first bytes tell what they are. */
export const SAMPLE_BYTES = 16 * 1024;

const UNKNOWN_TYPE = "application/octet-stream";

/** Names of one thing; the detector knows at least one of each line. Containers hold sound, pictures or both. */
const SAME: readonly (readonly string[])[] = [
  ["image/jpeg", "image/jpg", "image/pjpeg"],
  ["image/png", "image/apng"],
  ["image/bmp", "image/x-bmp", "image/x-ms-bmp"],
  ["image/x-icon", "image/vnd.microsoft.icon"],
  ["image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"],
  ["audio/mpeg", "audio/mp3", "audio/x-mp3", "audio/x-mpeg"],
  ["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"],
  ["audio/flac", "audio/x-flac"],
  ["audio/aac", "audio/aacp", "audio/x-aac"],
  ["audio/aiff", "audio/x-aiff"],
  ["audio/midi", "audio/mid", "audio/x-midi"],
  [
    ...["video/mp4", "video/x-m4v", "video/quicktime", "video/3gpp", "video/3gpp2"],
    ...["audio/mp4", "audio/m4a", "audio/x-m4a", "audio/3gpp", "audio/3gpp2"],
  ],
  ["video/ogg", "audio/ogg", "audio/opus", "application/ogg"],
  ["video/webm", "audio/webm", "video/matroska", "video/x-matroska", "audio/x-matroska"],
  ["video/mpeg", "video/mp1s", "video/mp2p", "video/mp2t"],
  ["video/vnd.avi", "video/x-msvideo", "video/avi", "video/msvideo"],
  [
    ...["application/vnd.ms-asf", "video/x-ms-asf", "audio/x-ms-asf"],
    ...["video/x-ms-wmv", "audio/x-ms-wma"],
  ],
  ["application/zip", "application/x-zip", "application/x-zip-compressed"],
  ["application/gzip", "application/x-gzip"],
  ["application/rtf", "text/rtf"],
  ["application/x-rar-compressed", "application/vnd.rar"],
  ["application/postscript", "application/eps"],
];

/** Formats that are another one inside; the detector says which only when the first bytes show it. */
const WRAPPED: readonly (readonly [outer: string, inner: RegExp])[] = [
  [
    "application/zip",
    /openxmlformats|opendocument|macroenabled|\+zip$|java-archive|android\.package|vnd\.apple\./,
  ],
  [
    "application/x-cfb",
    /^application\/(?:msword|vnd\.ms-(?:excel|powerpoint|outlook|project)|vnd\.visio)$/,
  ],
];

/**
 * Where the detector gives up although the mark is there: what it looks for besides lies behind the sample, as the
 * directory of most TIFFs does, or something stands before it, as in some PDFs.
 */
const MARKS: readonly (readonly [type: string, marks: readonly string[], lastAt: number])[] = [
  ["application/pdf", ["%PDF-"], 1024],
  ["audio/mpeg", ["ID3"], 0],
  ["image/tiff", ["II*\0", "MM\0*"], 0],
];

/** What Windows says of a CSV where Excel is installed. */
const SAID_OF_CSV = "application/vnd.ms-excel";

const CANONICAL = new Map(SAME.flatMap((names) => names.map((name) => [name, names[0] ?? name])));
const DETECTABLE = new Set([...supportedMimeTypes].map(canonical));

/**
 * Looks whether bytes can be of the type they are said to be, by the first {@link SAMPLE_BYTES} of them. What has no
 * mark of its own passes, since a browser is never let to guess either.
 * @throws {AnywireError} `unsupported_media_type` when they are something else.
 */
export async function assertTypeHolds(declared: string, sample: Uint8Array): Promise<void> {
  if (declared === UNKNOWN_TYPE) return;
  if (isText(declared)) {
    // No detector here: a text about a BMW begins as a bitmap does.
    if (isReadable(sample)) return;
    throw contradiction(declared, "no text");
  }
  const found = await detect(sample);
  if (found === undefined) {
    if (!isDetectable(declared) || hasMark(declared, sample)) return;
    if (declared === SAID_OF_CSV && isReadable(sample)) return;
    throw contradiction(declared, "something else");
  }
  if (!isSame(declared, found)) throw contradiction(declared, found);
}

/** The type of bytes of which nobody says what they are, by the first {@link SAMPLE_BYTES} of them. */
export async function recognise(sample: Uint8Array): Promise<string> {
  const found = await detect(sample);
  if (found !== undefined) return found;
  try {
    // A stream, so that a letter may be cut in two at its end.
    new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: true });
    return sample.includes(0) ? UNKNOWN_TYPE : "text/plain";
  } catch {
    return UNKNOWN_TYPE;
  }
}

async function detect(sample: Uint8Array): Promise<string | undefined> {
  return (await fileTypeFromBuffer(sample))?.mime;
}

function hasMark(declared: string, sample: Uint8Array): boolean {
  const bytes = Buffer.from(sample);
  return MARKS.some(
    ([type, marks, lastAt]) =>
      type === canonical(declared) &&
      marks.some((mark) => bytes.subarray(0, lastAt + mark.length).includes(mark, 0, "latin1")),
  );
}

function isSame(declared: string, found: string): boolean {
  if (canonical(declared) === canonical(found)) return true;
  const isWrapped = WRAPPED.some(
    ([outer, inner]) =>
      (inner.test(declared) && canonical(found) === outer) ||
      (inner.test(found) && canonical(declared) === outer),
  );
  return isWrapped || (!isDetectable(declared) && !isMedium(declared));
}

function canonical(type: string): string {
  const [name = type] = type.toLowerCase().split(";");
  return CANONICAL.get(name) ?? name;
}

function isDetectable(type: string): boolean {
  return DETECTABLE.has(canonical(type)) || WRAPPED.some(([, inner]) => inner.test(type));
}

function isMedium(type: string): boolean {
  return /^(?:image|audio|video|font)\//.test(type);
}

/** Text has no zero bytes, unless it is UTF-16, which then says so. */
function isReadable(sample: Uint8Array): boolean {
  const [first, second] = sample;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isUtf16 || !sample.includes(0);
}

function contradiction(declared: string, found: string): AnywireError {
  return new AnywireError(
    "unsupported_media_type",
    `the bytes are said to be ${declared} but are ${found}; send the type that they have`,
  );
}
