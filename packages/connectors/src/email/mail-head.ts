/** The header of a mail and what follows it. */
export interface MailHead {
  /** Each header as it came, unfolded by nobody; one character is one byte. */
  readonly fields: readonly string[];
  /** From the empty line on. */
  readonly rest: Uint8Array;
}

/** Mail servers take some 100 kB, and mails have less. */
const MAX_HEAD_BYTES = 131_072;
const MAX_FIELDS = 1_000;
const LF = 10;
const CR = 13;

/** Takes a mail apart; undefined when its header is longer than those of mails are. */
export function readHead(raw: Uint8Array): MailHead | undefined {
  const start = endOfHead(raw);
  if (start > MAX_HEAD_BYTES) return undefined;
  const head = Buffer.from(raw.buffer, raw.byteOffset, start).toString("latin1");
  const fields = head.split(/\r?\n(?![ \t])/).filter((field) => field !== "");
  return fields.length > MAX_FIELDS ? undefined : { fields, rest: raw.subarray(start) };
}

/** A header's name in small letters. */
export function nameOfField(field: string): string {
  return field
    .slice(0, Math.max(field.indexOf(":"), 0))
    .trim()
    .toLowerCase();
}

/** A header's value on one line. */
export function valueOfField(field: string): string {
  return field
    .slice(field.indexOf(":") + 1)
    .replace(/\s+/g, " ")
    .trim();
}

/** Where the empty line begins; the length of the mail when it has none. */
function endOfHead(raw: Uint8Array): number {
  for (let at = 0; at <= MAX_HEAD_BYTES; ) {
    if (raw[at] === LF || (raw[at] === CR && raw[at + 1] === LF)) return at;
    const next = raw.indexOf(LF, at);
    if (next < 0) return raw.length;
    at = next + 1;
  }
  return MAX_HEAD_BYTES + 1;
}
