import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DKIMVerifyResult } from "mailauth";
import { type MailHead, nameOfField } from "./mail-head.ts";
import { type Dns, timeLimited } from "./sender-dns.ts";

/** Who says to have written a mail, and who signed it. */
export interface Signed {
  /** The addresses in all its `From`. */
  readonly authors: readonly string[];
  /** How many `From` it has; one, if all is well. */
  readonly fromFields: number;
  /** The domains that signed all of it. */
  readonly domains: readonly string[];
  /** Whether more may be known later. */
  readonly isUnsure: boolean;
}

/** More than honest mails have: each is a question to a server of the sender's choice. */
const MAX_SIGNATURES = 5;
const MAX_SIGNATURE_BYTES = 4_096;
const CHUNK_BYTES = 8_192;
/** Ten times what a line may have: longer ones take time that grows with their square. */
const MAX_LINE_BYTES = 10_000;
const LF = 10;

/**
 * Reads the authors and checks the signatures of a mail. Never rejects: what can't be read proves nothing.
 * @see https://www.rfc-editor.org/rfc/rfc6376
 */
export async function readSignatures(mail: MailHead, dns: Dns, limitMs: number): Promise<Signed> {
  const { dkimVerify } = await import("mailauth/lib/dkim/verify.js");
  const resolver = timeLimited(dns, limitMs);
  const verify = (fields: readonly string[], rest: Uint8Array) => {
    const head = Buffer.from(fields.map((field) => `${field}\r\n`).join(""), "latin1");
    const bytes = Readable.from(inTurns([head, rest], performance.now() + limitMs));
    return dkimVerify(bytes, { resolver, rejectRsaSha1: true });
  };
  const unsigned = mail.fields.filter((field) => !isSignature(field));
  const signatures = mail.fields.filter(isUsable).slice(0, MAX_SIGNATURES);
  const plain = await verify(unsigned, new Uint8Array()).catch(() => undefined);
  const { headerFrom: authors = [], fromFields = 0 } = plain ?? {};
  const none = { authors, fromFields, domains: [], isUnsure: false };
  if (signatures.length === 0) return none;
  try {
    return { ...none, ...provenBy(await verify([...signatures, ...unsigned], mail.rest)) };
  } catch (error) {
    return { ...none, isUnsure: error instanceof OutOfTime };
  }
}

function provenBy({ results }: DKIMVerifyResult): Pick<Signed, "domains" | "isUnsure"> {
  const domains = results
    // What is behind the signed part anybody may have added.
    .filter(({ status }) => status.result === "pass" && (status.underSized ?? 0) === 0)
    .flatMap(({ signingDomain = "" }) => (signingDomain === "" ? [] : [signingDomain]));
  return { domains, isUnsure: results.some(({ status }) => status.result === "temperror") };
}

function isSignature(field: string): boolean {
  return nameOfField(field) === "dkim-signature";
}

function isUsable(field: string): boolean {
  return isSignature(field) && field.length <= MAX_SIGNATURE_BYTES;
}

class OutOfTime extends Error {}

/** Piece by piece, so that whatever else there is to do has its turn: hashing some mails takes seconds, and strangers write them. */
async function* inTurns(parts: readonly Uint8Array[], end: number): AsyncGenerator<Uint8Array> {
  let lineBytes = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += CHUNK_BYTES) {
      const chunk = part.subarray(at, at + CHUNK_BYTES);
      const last = chunk.lastIndexOf(LF);
      lineBytes = last < 0 ? lineBytes + chunk.length : chunk.length - last - 1;
      if (lineBytes > MAX_LINE_BYTES) throw new Error("a line of the mail is too long");
      if (performance.now() > end) throw new OutOfTime();
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      await nextTurn();
    }
  }
}
