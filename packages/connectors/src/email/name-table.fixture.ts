import { generateKeyPairSync } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import DKIM from "nodemailer/lib/dkim";
import type { Dns } from "./sender-dns.ts";

const KEYS = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PRIVATE_KEY = KEYS.privateKey.export({ type: "pkcs1", format: "pem" }).toString();

/** Names that are looked up in a table, so that nothing outside is asked. */
export interface NameTable {
  readonly dns: Dns;
  /** The questions so far, such as `TXT _dmarc.bank.test`. */
  readonly asked: readonly string[];
}

/** What is asked for, such as `TXT bank.test`, and the answers; `hangs` never answers, `fails` does in vain. */
export function nameTable(
  table: Readonly<Record<string, readonly string[] | "hangs" | "fails">>,
): NameTable {
  const asked: string[] = [];
  return {
    asked,
    async dns(name, type) {
      const question = `${type} ${name}`;
      asked.push(question);
      const answer = table[question];
      if (answer === "hangs") return new Promise(() => undefined);
      if (answer === undefined) throw codeError("ENOTFOUND");
      if (answer === "fails") throw codeError("ESERVFAIL");
      return type === "TXT" ? answer.map((text) => [text]) : [...answer];
    },
  };
}

/** The record of the key by which `signMail` signs: for `TXT s1._domainkey.<domain>`. */
export const KEY_RECORD = `v=DKIM1; k=rsa; p=${KEYS.publicKey.export({ type: "spki", format: "der" }).toString("base64")}`;

/** Signs a mail for a domain, by its selector `s1`; with a library other than the one that looks at signatures. */
export async function signMail(raw: string, domain: string): Promise<string> {
  const signer = new DKIM({ domainName: domain, keySelector: "s1", privateKey: PRIVATE_KEY });
  return (await buffer(signer.sign(raw))).toString("latin1");
}

/** Signs only the beginning of what a mail says. */
export async function signPart(raw: string, domain: string, length: number): Promise<string> {
  const signed = { signingDomain: domain, selector: "s1", privateKey: PRIVATE_KEY };
  const options = { ...signed, canonicalization: "relaxed/relaxed", maxBodyLength: length };
  const { signatures } = await dkimSign(raw, { ...options, signatureData: [options] });
  return `${signatures}${raw}`;
}

function codeError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
