import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  ECDH,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { badArgument } from "../unsupported.ts";

/** The signatures of `crypto.ALGORITHM`. */
export const SIGNATURE_ALGORITHMS = {
  ED25519: "ED25519",
  ECDSA_P256_SHA1: "ECDSA_P256_SHA1",
  ECDSA_P256_SHA256: "ECDSA_P256_SHA256",
  ECDSA_P256_SHA512: "ECDSA_P256_SHA512",
  /** Its older name. */
  ECDSA_SHA256: "ECDSA_P256_SHA256",
} as const;

/** A private key: of ECDSA its number in base64, or a JWK; of Ed25519 the seed, `sk`, in base64. */
export type PrivateKey =
  | string
  | { readonly kty: "EC"; readonly d: string }
  | { readonly sk: string };

/** A public key: of ECDSA its point in base64, or a JWK; of Ed25519 `pk`, in base64. */
export type PublicKey =
  | string
  | { readonly kty: "EC"; readonly x: string; readonly y: string }
  | { readonly pk: string };

/** Both halves of a signature in one base64 text, or each in its own. */
export type Signature =
  | string
  | { readonly r: string; readonly s: string }
  | { readonly R: string; readonly S: string };

/** The hash of each; null for Ed25519, which has its own. */
const HASHES = new Map([
  ["ED25519", null],
  ["ECDSA_P256_SHA1", "sha1"],
  ["ECDSA_P256_SHA256", "sha256"],
  ["ECDSA_P256_SHA512", "sha512"],
]);

const CURVE = "prime256v1";
const HALF = 32;
/** What stands before the 32 bytes of a private Ed25519 key in its DER form (RFC 8410): its JWK would need the public one, too. */
const ED25519_PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** A signature of a message. @throws {AnywireError} `bad_request` for a key or an algorithm that is none. */
export function signWith(
  key: PrivateKey,
  message: string | Uint8Array,
  algorithm: string,
): Signature {
  const hash = hashOf("sign", algorithm);
  const bytes = Buffer.from(message);
  if (hash === null) {
    const [R, S] = halves(sign(null, bytes, ed25519PrivateKey(key)));
    return { R, S };
  }
  const signature = sign(hash, bytes, { key: ecPrivateKey(key), dsaEncoding: "ieee-p1363" });
  if (typeof key === "string") return urlSafe(signature.toString("base64"));
  const [r, s] = halves(signature);
  return { r, s };
}

/** Whether a signature is that of a message. @throws {AnywireError} as {@link signWith} */
export function verifyWith(
  signature: Signature,
  key: PublicKey,
  message: string | Uint8Array,
  algorithm: string,
): boolean {
  const hash = hashOf("verify", algorithm);
  const bytes = Buffer.from(message);
  const given = signatureBytes(signature);
  if (given.length !== 2 * HALF) return false;
  if (hash === null) return verify(null, bytes, ed25519PublicKey(key), given);
  return verify(hash, bytes, { key: ecPublicKey(key), dsaEncoding: "ieee-p1363" }, given);
}

function hashOf(method: string, algorithm: string): string | null {
  const hash = HASHES.get(algorithm);
  if (hash !== undefined) return hash;
  throw badArgument(
    `crypto.${method}`,
    "the algorithm must be crypto.ALGORITHM.ED25519 or one of ECDSA_P256_*",
  );
}

function ecPrivateKey(key: PrivateKey): KeyObject {
  const number = typeof key === "string" ? key : "d" in key ? key.d : undefined;
  if (number === undefined) throw badKey("sign", "a base64 text, or a JWK with kty EC and d");
  return readKey("sign", () => {
    const pair = createECDH(CURVE);
    const bytes = Buffer.from(number, "base64");
    pair.setPrivateKey(bytes);
    const jwk = { ...pointAsJwk(pair.getPublicKey()), d: bytes.toString("base64url") };
    return createPrivateKey({ key: jwk, format: "jwk" });
  });
}

function ecPublicKey(key: PublicKey): KeyObject {
  if (typeof key !== "string" && !("x" in key)) {
    throw badKey("verify", "a base64 text, or a JWK with kty EC, x and y");
  }
  return readKey("verify", () => {
    if (typeof key !== "string") {
      return createPublicKey({
        key: { kty: "EC", crv: "P-256", x: key.x, y: key.y },
        format: "jwk",
      });
    }
    const point = ECDH.convertKey(key, CURVE, "base64", undefined, "uncompressed") as Buffer;
    return createPublicKey({ key: pointAsJwk(point), format: "jwk" });
  });
}

function pointAsJwk(point: Buffer): { kty: string; crv: string; x: string; y: string } {
  return {
    kty: "EC",
    crv: "P-256",
    x: point.subarray(1, 1 + HALF).toString("base64url"),
    y: point.subarray(1 + HALF).toString("base64url"),
  };
}

function ed25519PrivateKey(key: PrivateKey): KeyObject {
  const seed = typeof key === "string" ? key : "sk" in key ? key.sk : undefined;
  if (seed === undefined) throw badKey("sign", "an object with sk, the seed in base64");
  return readKey("sign", () =>
    createPrivateKey({
      key: Buffer.concat([ED25519_PKCS8, Buffer.from(seed, "base64")]),
      format: "der",
      type: "pkcs8",
    }),
  );
}

function ed25519PublicKey(key: PublicKey): KeyObject {
  const point = typeof key === "string" ? key : "pk" in key ? key.pk : undefined;
  if (point === undefined) throw badKey("verify", "an object with pk, in base64");
  return readKey("verify", () =>
    createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: point }, format: "jwk" }),
  );
}

function readKey(method: string, read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch {
    // The cause is not kept: it can show parts of the key.
    throw badArgument(`crypto.${method}`, "the key is none of the algorithm");
  }
}

function badKey(method: string, expected: string): Error {
  return badArgument(`crypto.${method}`, `the key must be ${expected}`);
}

function signatureBytes(signature: Signature): Buffer {
  if (typeof signature === "string") return Buffer.from(signature, "base64");
  const [first, second] =
    "r" in signature ? [signature.r, signature.s] : [signature.R, signature.S];
  return Buffer.concat([Buffer.from(first, "base64"), Buffer.from(second, "base64")]);
}

function halves(signature: Buffer): [first: string, second: string] {
  return [
    signature.subarray(0, HALF).toString("base64url"),
    signature.subarray(HALF).toString("base64url"),
  ];
}

function urlSafe(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}
