import { algorithmsOf, isSignatureOf, type JwtKey, publicKeyOf } from "./jwt-algorithm.ts";
import { decodeToken, type JwtHeader } from "./jwt-decode.ts";
import { JsonWebTokenError, NotBeforeError, TokenExpiredError } from "./jwt-errors.ts";
import { secondsOf } from "./jwt-time.ts";

type TextOrPattern = string | RegExp;

/** The options of `jwt.verify`, as the package `jsonwebtoken` has them. */
export interface VerifyOptions {
  /** Default: those that fit the key. */
  readonly algorithms?: readonly string[];
  /** One of the token's must be one of these. */
  readonly audience?: TextOrPattern | readonly TextOrPattern[];
  readonly issuer?: string | readonly string[];
  readonly subject?: string;
  readonly jwtid?: string;
  readonly nonce?: string;
  readonly ignoreExpiration?: boolean;
  readonly ignoreNotBefore?: boolean;
  /** Seconds by which clocks may differ. */
  readonly clockTolerance?: number;
  /** Seconds since the Unix epoch. Default: now. */
  readonly clockTimestamp?: number;
  /** Seconds, or a text such as `1h`. */
  readonly maxAge?: string | number;
  /** Whether to give header and signature too. */
  readonly complete?: boolean;
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * What a token says, once its signature and claims are right.
 * @throws {JsonWebTokenError} when they are not, with the messages of the package `jsonwebtoken`.
 */
export function verifyToken(token: string, key: JwtKey, options: VerifyOptions = {}): unknown {
  const decoded = decodeToken(token, { complete: true });
  if (decoded === null) throw new JsonWebTokenError("jwt malformed");
  checkSignature(token, decoded.header, key, options);
  const { payload } = decoded;
  if (typeof payload === "object" && payload !== null) {
    checkTimes(payload as Claims, options);
    checkClaims(payload as Claims, options);
  }
  return options.complete === true ? decoded : payload;
}

function checkSignature(
  token: string,
  header: JwtHeader,
  key: JwtKey,
  { algorithms }: VerifyOptions,
): void {
  const end = token.lastIndexOf(".");
  const signature = token.slice(end + 1);
  if (signature === "") throw new JsonWebTokenError("jwt signature is required");
  const publicKey = publicKeyOf(key);
  if (!(algorithms ?? algorithmsOf(publicKey)).includes(header.alg)) {
    throw new JsonWebTokenError("invalid algorithm");
  }
  if (!isSignatureOf(signature, token.slice(0, end), publicKey, header.alg)) {
    throw new JsonWebTokenError("invalid signature");
  }
}

function checkTimes(claims: Claims, options: VerifyOptions): void {
  const now = options.clockTimestamp ?? Math.floor(Date.now() / 1000);
  const tolerance = options.clockTolerance ?? 0;
  const notBefore = timeOf(claims, "nbf", "invalid nbf value");
  if (options.ignoreNotBefore !== true && notBefore !== undefined && notBefore > now + tolerance) {
    throw new NotBeforeError(new Date(notBefore * 1000));
  }
  const expiry = timeOf(claims, "exp", "invalid exp value");
  if (options.ignoreExpiration !== true && expiry !== undefined && now >= expiry + tolerance) {
    throw new TokenExpiredError(new Date(expiry * 1000));
  }
  if (options.maxAge === undefined) return;
  const issuedAt = timeOf(claims, "iat", "iat required when maxAge is specified");
  if (issuedAt === undefined) throw new JsonWebTokenError("iat required when maxAge is specified");
  const end = Math.floor(issuedAt + secondsOf("maxAge", options.maxAge));
  if (now >= end + tolerance) throw new TokenExpiredError(new Date(end * 1000));
}

function timeOf(claims: Claims, claim: string, problem: string): number | undefined {
  const value = claims[claim];
  if (value === undefined || typeof value === "number") return value;
  throw new JsonWebTokenError(problem);
}

function checkClaims(claims: Claims, options: VerifyOptions): void {
  if (options.audience !== undefined) {
    const wanted = listOf<TextOrPattern>(options.audience);
    const has = listOf(claims["aud"]).some((audience) =>
      wanted.some((one) => (one instanceof RegExp ? one.test(String(audience)) : one === audience)),
    );
    if (!has) throw new JsonWebTokenError(`jwt audience invalid. expected: ${wanted.join(" or ")}`);
  }
  checkOne(claims["iss"], options.issuer, "issuer");
  checkOne(claims["sub"], options.subject, "subject");
  checkOne(claims["jti"], options.jwtid, "jwtid");
  checkOne(claims["nonce"], options.nonce, "nonce");
}

function checkOne(
  value: unknown,
  wanted: string | readonly string[] | undefined,
  what: string,
): void {
  if (wanted === undefined || listOf<unknown>(wanted).includes(value)) return;
  throw new JsonWebTokenError(`jwt ${what} invalid. expected: ${listOf(wanted).join(",")}`);
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
