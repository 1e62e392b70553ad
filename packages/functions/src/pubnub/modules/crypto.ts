import { createHash, createHmac } from "node:crypto";
import { badArgument } from "../unsupported.ts";
import {
  type PrivateKey,
  type PublicKey,
  SIGNATURE_ALGORITHMS,
  type Signature,
  signWith,
  verifyWith,
} from "./crypto-signature.ts";

const HMACS = { HMAC_SHA1: "sha1", HMAC_SHA256: "sha256", HMAC_SHA512: "sha512" } as const;

/** A text, taken as UTF-8, or bytes. */
type Bytes = string | Uint8Array;

/**
 * `crypto` of PubNub. Hashes are base64. As there, a key of `hmac` that is a text is base64, and what `hmac` gives is base64
 * with `-` and `_` in the place of `+` and `/`.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/crypto
 */
export const crypto = {
  ALGORITHM: { ...SIGNATURE_ALGORITHMS, ...HMACS },
  /** The signature of a text with a shared key, given as `base64.btoa(secret)` or bytes. */
  async hmac(key: Bytes, message: Bytes, algorithm: string): Promise<string> {
    const hash = Object.values(HMACS).find((name) => name === algorithm);
    if (hash === undefined) {
      throw badArgument("crypto.hmac", "the algorithm must be one of crypto.ALGORITHM.HMAC_*");
    }
    const secret = typeof key === "string" ? Buffer.from(key, "base64") : key;
    const signature = createHmac(hash, secret).update(message).digest("base64");
    return signature.replaceAll("+", "-").replaceAll("/", "_");
  },
  sha1: async (message: Bytes): Promise<string> => hash("sha1", message),
  sha256: async (message: Bytes): Promise<string> => hash("sha256", message),
  sha512: async (message: Bytes): Promise<string> => hash("sha512", message),
  md5: async (message: Bytes): Promise<string> => hash("md5", message),
  /** A signature with a private key: in one text where the key is one, in two parts where it is an object. */
  sign: async (key: PrivateKey, message: Bytes, algorithm: string): Promise<Signature> =>
    signWith(key, message, algorithm),
  /** Whether a signature is that of a message, by the public key. */
  verify: async (
    signature: Signature,
    key: PublicKey,
    message: Bytes,
    algorithm: string,
  ): Promise<boolean> => verifyWith(signature, key, message, algorithm),
};

function hash(algorithm: string, message: Bytes): string {
  return createHash(algorithm).update(message).digest("base64");
}
