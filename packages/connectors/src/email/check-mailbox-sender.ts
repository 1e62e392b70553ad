import { authorOf, checkSender } from "./check-sender.ts";
import type { SenderCheck } from "./incoming-mail.ts";
import { nameOfField, readHead, valueOfField } from "./mail-head.ts";
import type { Dns } from "./sender-dns.ts";

/** Results of methods that a server adds to a mail: the one that says what came of all of them, and what it says besides. */
const RESULT = /(?:^|;)\s*dmarc\s*=\s*([a-z]+)([^;]*)/i;
const AUTHOR = /\bheader\.from\s*=\s*([^\s;]+)/i;
/** The author's domain wants nothing done about it. */
const NO_POLICY = /\b(?:p|policy\.dmarc|action)\s*=\s*none\b/i;

/**
 * Who a mail in a mailbox is from: as the mailbox's own server found out, where the operator says by which name it notes that, and
 * it did; else what the mail's signatures prove. Never rejects.
 * @see https://www.rfc-editor.org/rfc/rfc8601
 */
export async function checkMailboxSender(
  raw: Uint8Array,
  server: string | undefined,
  dns: Dns,
): Promise<SenderCheck> {
  const noted = server === undefined ? undefined : await readNote(raw, server);
  return noted ?? (await checkSender(raw, undefined, dns)).check;
}

/** Anybody can write such a note. The uppermost is the server's, since it puts its own above those that came along. */
async function readNote(raw: Uint8Array, server: string): Promise<SenderCheck | undefined> {
  const mail = readHead(raw);
  const note = mail?.fields
    .filter((field) => nameOfField(field) === "authentication-results")
    .map(valueOfField)
    .find((value) => serverOf(value) === server.toLowerCase());
  if (mail === undefined || note === undefined) return undefined;
  const [, result = "", more = ""] = RESULT.exec(withoutForeignWords(note)) ?? [];
  if (/^fail$/i.test(result)) return NO_POLICY.test(note) ? "unproven" : "failed";
  const [, about] = AUTHOR.exec(more) ?? [];
  const isAboutAuthor =
    about !== undefined && about.toLowerCase() === (await authorOf(mail))?.domain;
  return isAboutAuthor && /^(?:pass|bestguesspass)$/i.test(result) ? "proven" : undefined;
}

function serverOf(note: string): string {
  const [first = ""] = withoutForeignWords(note).trim().split(/[\s;]/, 1);
  return first.toLowerCase();
}

/** Without comments and what is quoted: a sender's address that stands there may hold what looks like a result. */
function withoutForeignWords(note: string): string {
  let own = "";
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < note.length; at += 1) {
    const character = note.charAt(at);
    if (character === "\\") at += 1;
    else if (character === '"' && depth === 0) isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === "(") depth += 1;
    else if (character === ")") depth = Math.max(0, depth - 1);
    else if (depth === 0) own += character;
  }
  return own;
}
