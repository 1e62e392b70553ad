import { type JwtKey, privateKeyOf, signText } from "./jwt-algorithm.ts";
import { JsonWebTokenError } from "./jwt-errors.ts";
import { secondsOf } from "./jwt-time.ts";

/** The options of `jwt.sign`, as the package `jsonwebtoken` has them. */
export interface SignOptions {
  /** Default `HS256`. */
  readonly algorithm?: string;
  /** Seconds, or a text such as `1h`. */
  readonly expiresIn?: string | number;
  /** Seconds, or a text such as `1h`. */
  readonly notBefore?: string | number;
  readonly audience?: string | readonly string[];
  readonly issuer?: string;
  readonly subject?: string;
  readonly jwtid?: string;
  readonly keyid?: string;
  readonly noTimestamp?: boolean;
  readonly header?: Readonly<Record<string, unknown>>;
}

type Claims = Record<string, unknown>;

/** Options that stand for a claim of their own. */
const CLAIMS = { audience: "aud", issuer: "iss", subject: "sub", jwtid: "jti" } as const;

/** A signed token. @throws {JsonWebTokenError} for a payload, a key or options that are none. */
export function signToken(payload: unknown, key: JwtKey, options: SignOptions = {}): string {
  const algorithm = options.algorithm ?? "HS256";
  const header = {
    alg: algorithm,
    typ: typeof payload === "object" ? "JWT" : undefined,
    kid: options.keyid,
    ...options.header,
  };
  const body = typeof payload === "string" ? payload : JSON.stringify(claimsOf(payload, options));
  const text = `${encode(JSON.stringify(header))}.${encode(body)}`;
  // What is signed by is what was asked for, whatever `header` says.
  return `${text}.${signText(text, privateKeyOf(key), algorithm)}`;
}

function claimsOf(payload: unknown, options: SignOptions): Claims {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    throw new JsonWebTokenError("the payload must be an object or a text");
  }
  const claims: Claims = { ...payload };
  const issuedAt =
    typeof claims["iat"] === "number" ? claims["iat"] : Math.floor(Date.now() / 1000);
  if (options.noTimestamp === true) delete claims["iat"];
  else claims["iat"] = issuedAt;
  for (const [option, claim] of Object.entries(CLAIMS)) {
    setClaim(claims, claim, option, options[option as keyof typeof CLAIMS]);
  }
  setTime(claims, "nbf", "notBefore", options.notBefore, issuedAt);
  setTime(claims, "exp", "expiresIn", options.expiresIn, issuedAt);
  return claims;
}

function setTime(
  claims: Claims,
  claim: string,
  option: string,
  span: string | number | undefined,
  issuedAt: number,
): void {
  if (span === undefined) return;
  setClaim(claims, claim, option, Math.floor(issuedAt + secondsOf(option, span)));
}

function setClaim(claims: Claims, claim: string, option: string, value: unknown): void {
  if (value === undefined) return;
  if (claim in claims) {
    throw new JsonWebTokenError(
      `the option "${option}" and "${claim}" of the payload say the same: take one of them`,
    );
  }
  claims[claim] = value;
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}
