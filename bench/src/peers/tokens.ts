import {
  createHmac,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";

const TTL_SECONDS = 86_400;

/** The platform that every channel of the bench is on. */
export const PLATFORM = "bench";

/** Makes the tokens of one server. */
export interface TokenMaker {
  /** What the server checks the tokens with: a PEM key of ES256, or the secret of HS256. */
  readonly key: string;
  /** A token for an account that may read and publish everything on the platform, and has these rights besides. */
  token(account: string, claims?: Readonly<Record<string, unknown>>): string;
}

/** Tokens of ES256, as Anywire has them by default. */
export function createEs256Tokens(): TokenMaker {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    key: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    token: (account, claims) =>
      sign("ES256", account, (text) => signEs256(text, privateKey), claims),
  };
}

/** Tokens of HS256, as Centrifugo has them by default. */
export function createHs256Tokens(): TokenMaker {
  const key = randomBytes(32).toString("hex");
  return {
    key,
    token: (account, claims) =>
      sign("HS256", account, (text) => createHmac("sha256", key).update(text).digest(), claims),
  };
}

function sign(
  algorithm: string,
  account: string,
  signature: (text: string) => Buffer,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const issuedAt = Math.floor(Date.now() / 1000);
  const all = [`${PLATFORM}.>`];
  const claims = {
    sub: account,
    platform: PLATFORM,
    subscribe: all,
    publish: all,
    iat: issuedAt,
    exp: issuedAt + TTL_SECONDS,
    ...more,
  };
  const text = `${encode({ alg: algorithm, typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${signature(text).toString("base64url")}`;
}

function signEs256(text: string, key: KeyObject): Buffer {
  return createSign("sha256").update(text).sign({ key, dsaEncoding: "ieee-p1363" });
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
