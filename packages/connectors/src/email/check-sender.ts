import { domainToASCII } from "node:url";
import { readMime, type SenderCheck } from "./incoming-mail.ts";
import { type MailHead, readHead } from "./mail-head.ts";
import { type Dns, timeLimited } from "./sender-dns.ts";
import { readSignatures, type Signed } from "./signatures.ts";

/** Who handed a mail over. */
export interface MailClient {
  readonly ip: string;
  /** The name that it gave itself. */
  readonly helo: string;
  /** The sender that the envelope names; empty for mail that nobody shall answer. */
  readonly from: string;
}

/** What is known of who a mail is from. */
export interface CheckedSender {
  readonly check: Exclude<SenderCheck, "refused">;
  /** Why it is not to be taken, where the domain that it says to be from wants that; `isFinal`: trying again changes nothing. */
  readonly refusal?: { readonly isFinal: boolean; readonly reason: string };
}

/** For the questions of each kind, once what asks them is loaded: a sender's servers that hang must not take the time of those that tell what to do about it. */
const LIMIT_MS = 8_000;
const UNPROVEN: CheckedSender = { check: "unproven" };

/**
 * Finds out whether a mail is from the domain that it says: whether that signed it, or names the server that handed it over; and
 * if not, what the domain wants done about it. Without a client, as of a mail in a mailbox, the signatures alone tell. Never rejects.
 * @see https://www.rfc-editor.org/rfc/rfc7208 SPF
 * @see https://www.rfc-editor.org/rfc/rfc9989 DMARC
 */
export async function checkSender(
  raw: Uint8Array,
  client: MailClient | undefined,
  dns: Dns,
  limitMs = LIMIT_MS,
): Promise<CheckedSender> {
  const mail = readHead(raw);
  if (mail === undefined) return failed("The header of the mail is too large");
  const [signed, server, from] = await Promise.all([
    readSignatures(mail, dns, limitMs),
    client === undefined ? NO_SERVER : checkServer(client, dns, limitMs),
    authorOf(mail),
  ]);
  // All who read the mail must have read the same author.
  const authors = from === undefined ? signed.authors : [...signed.authors, from.address];
  const judged = judge({ ...signed, authors }, server, { dns, limitMs });
  const checked = await judged.catch(() => UNPROVEN);
  // Who handed it over is not known, and may be who proves it.
  return client === undefined && checked.check === "failed" ? UNPROVEN : checked;
}

interface Server {
  readonly domains: readonly string[];
  readonly isUnsure: boolean;
}

const NO_SERVER: Server = { domains: [], isUnsure: false };

/** The domain that lets this server send mail for it. */
async function checkServer(client: MailClient, dns: Dns, limitMs: number): Promise<Server> {
  const { ip, helo, from: sender } = client;
  const { spf } = await import("mailauth/lib/spf/index.js");
  const resolver = timeLimited(dns, limitMs);
  try {
    const options = { ip, helo, sender, mta: "localhost", resolver, maxElapsedTime: limitMs };
    const { domain, status } = await spf(options);
    return {
      domains: status.result === "pass" ? [domain] : [],
      isUnsure: status.result === "temperror",
    };
  } catch {
    return NO_SERVER;
  }
}

/** The address that the mail will be taken to be from, and its domain as DNS has it; undefined when there is none. */
export async function authorOf({
  fields,
}: MailHead): Promise<{ readonly address: string; readonly domain: string } | undefined> {
  const head = Buffer.from(`${fields.join("\r\n")}\r\n\r\n`, "latin1");
  try {
    const { from } = await readMime(head, { from: undefined, to: [] });
    return from === undefined ? undefined : { ...from, domain: domainIn(from.address) };
  } catch {
    return undefined;
  }
}

async function judge(
  signed: Signed,
  server: Server,
  { dns, limitMs }: { readonly dns: Dns; readonly limitMs: number },
): Promise<CheckedSender> {
  const { authors, fromFields, domains } = signed;
  const { evaluateDmarc } = await import("mailauth/lib/dmarc/index.js");
  const { response, reason } = await evaluateDmarc({
    headerFrom: [...authors],
    fromFields,
    spfDomains: [...server.domains],
    dkimDomains: domains.map((domain) => ({ domain })),
    resolver: timeLimited(dns, limitMs),
  });
  if (response === false) {
    // Nobody can be answered then, and nobody is taken for somebody.
    if (reason === "no-author-domain") return UNPROVEN;
    return failed("The mail must have one From, with one domain");
  }
  const { status, policy } = response;
  const author = String(status.header?.from ?? "");
  if (status.result === "pass") return { check: "proven" };
  if (status.result === "none") {
    const isProven = [...domains, ...server.domains].some((one) => speaksFor(one, author));
    return isProven ? { check: "proven" } : UNPROVEN;
  }
  if (status.result !== "fail" || policy === "none") return UNPROVEN;
  const isUnsure = signed.isUnsure || server.isUnsure;
  if (policy !== "reject") return isUnsure ? UNPROVEN : { check: "failed" };
  if (!isUnsure) return failed(`${author} wants mail refused that is not proven to be from there`);
  const later = `Whether the mail is from ${author} can't be found out now, try again later`;
  return { ...UNPROVEN, refusal: { isFinal: false, reason: later } };
}

function failed(reason: string): CheckedSender {
  return { check: "failed", refusal: { isFinal: true, reason } };
}

/** The domain of an address, as DNS has it; empty when it has none. */
export function domainIn(address: string): string {
  return domainToASCII(address.slice(address.lastIndexOf("@") + 1)).toLowerCase();
}

/** Whether what a domain says holds for mail from an author's: it is the same, or one above it. */
export function speaksFor(domain: string, author: string): boolean {
  const [above, below] = [domain.toLowerCase(), author.toLowerCase()];
  return above !== "" && (below === above || below.endsWith(`.${above}`));
}
