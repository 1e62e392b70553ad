import type { JwtKey } from "./jwt-algorithm.ts";
import { decodeToken } from "./jwt-decode.ts";
import { JsonWebTokenError, NotBeforeError, TokenExpiredError } from "./jwt-errors.ts";
import { type SignOptions, signToken } from "./jwt-sign.ts";
import { type VerifyOptions, verifyToken } from "./jwt-verify.ts";

/** Is told once, soon after the call. */
type Callback<R> = (error: Error | null, result?: R) => void;

/**
 * `jwt` of PubNub: the calls of the package `jsonwebtoken`. With a callback as the last argument they give nothing and call it.
 * Algorithms are HS, RS, PS and ES with 256, 384 and 512; `none` is refused.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/jwt
 */
export const jwt = {
  sign,
  verify,
  /** What a token says, its signature not checked; null when it is none. */
  decode: (token: string, options?: { readonly complete?: boolean }): unknown =>
    decodeToken(token, options),
  JsonWebTokenError,
  TokenExpiredError,
  NotBeforeError,
};

/** A signed token. @throws {JsonWebTokenError} for a payload, a key or options that are none. */
function sign(payload: unknown, key: JwtKey, options?: SignOptions): string;
function sign(payload: unknown, key: JwtKey, callback: Callback<string>): undefined;
function sign(
  payload: unknown,
  key: JwtKey,
  options: SignOptions,
  callback: Callback<string>,
): undefined;
function sign(
  payload: unknown,
  key: JwtKey,
  options?: SignOptions | Callback<string>,
  callback?: Callback<string>,
): string | undefined {
  return answer(options, callback, (given) => signToken(payload, key, given));
}

/** What a token says. @throws {JsonWebTokenError} when its signature or a claim is wrong. */
function verify(
  token: string,
  key: JwtKey,
  options?: VerifyOptions | Callback<unknown>,
  callback?: Callback<unknown>,
): unknown {
  return answer(options, callback, (given) => verifyToken(token, key, given));
}

function answer<O extends object, R>(
  options: O | Callback<R> | undefined,
  callback: Callback<R> | undefined,
  work: (options: O | undefined) => R,
): R | undefined {
  const given = typeof options === "function" ? undefined : options;
  const told = typeof options === "function" ? (options as Callback<R>) : callback;
  if (told === undefined) return work(given);
  queueMicrotask(() => {
    let result: R;
    try {
      result = work(given);
    } catch (error) {
      told(error as Error);
      return;
    }
    told(null, result);
  });
  return undefined;
}
