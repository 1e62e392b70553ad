import { AnywireError } from "@anywire/types";
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from "jose";
import type { TokenAlgorithm } from "../config/tokens-section.ts";

/** A key that checks tokens, and signs them when it has its private half. */
export interface TokenKey {
  /** Its name in the key set and in the header of tokens. */
  readonly kid: string;
  /** Whether it was named by whoever gave it; an unnamed key is tried on tokens with any `kid`. */
  readonly isNamed: boolean;
  /** The only algorithm it is ever used with. */
  readonly algorithm: TokenAlgorithm;
  readonly verifyKey: CryptoKey | Uint8Array;
  readonly signKey: CryptoKey | Uint8Array | undefined;
  /** The public half. Undefined for a shared secret, which has none. */
  readonly publicJwk: JWK | undefined;
  /** Both halves. Undefined for a shared secret and when there is only a public half. */
  readonly privateJwk: JWK | undefined;
}

/** What makes a JWK a key of an algorithm: its `kty`, its curve and its public members. */
const SHAPES = {
  "EC P-256": { algorithm: "ES256", members: ["kty", "crv", "x", "y"] },
  "OKP Ed25519": { algorithm: "EdDSA", members: ["kty", "crv", "x"] },
  RSA: { algorithm: "RS256", members: ["kty", "n", "e"] },
} as const satisfies Record<string, { algorithm: TokenAlgorithm; members: readonly (keyof JWK)[] }>;

const MIN_RSA_BITS = 2048;

/**
 * Makes a key of a JWK, public or private.
 * @throws {AnywireError} `bad_request` when it is not one of ES256, RS256 or EdDSA.
 * @see https://www.rfc-editor.org/rfc/rfc7517
 */
export async function createTokenKey(jwk: JWK): Promise<TokenKey> {
  const { algorithm, members } = shapeOf(jwk);
  const half = Object.fromEntries(members.map((member) => [member, jwk[member]])) as JWK;
  const verifyKey = await importKey(jwk, half, algorithm);
  const signKey = jwk.d === undefined ? undefined : await importKey(jwk, jwk, algorithm);
  const kid = jwk.kid ?? (await nameOf(half));
  const names = { kid, alg: algorithm, use: "sig" };
  return {
    kid,
    isNamed: jwk.kid !== undefined,
    algorithm,
    verifyKey,
    signKey,
    publicJwk: { ...half, ...names },
    privateJwk: signKey && { ...jwk, ...names },
  };
}

/** Makes a key of a shared secret, for HS256. */
export function createSecretKey(secret: string): TokenKey {
  const bytes = new TextEncoder().encode(secret);
  return {
    kid: "secret",
    isNamed: false,
    algorithm: "HS256",
    verifyKey: bytes,
    signKey: bytes,
    publicJwk: undefined,
    privateJwk: undefined,
  };
}

/** The key without its private half: it still checks what it has signed. */
export function withoutPrivateHalf(key: TokenKey): TokenKey {
  return { ...key, signKey: undefined, privateJwk: undefined };
}

/**
 * A name for a key that has none: its thumbprint, with a letter for a hyphen in front, which a command line would
 * take for an option.
 * @see https://www.rfc-editor.org/rfc/rfc7638
 */
export async function nameOf(jwk: JWK): Promise<string> {
  return (await calculateJwkThumbprint(jwk)).replace(/^-/, "A");
}

function shapeOf(jwk: JWK): (typeof SHAPES)[keyof typeof SHAPES] {
  const name = [jwk.kty, jwk.crv].filter(Boolean).join(" ");
  const shape = Object.entries(SHAPES).find(([known]) => known === name)?.[1];
  if (shape === undefined) {
    throw refusal(
      jwk,
      jwk.kty === "oct"
        ? "is a shared secret; set it as tokens.secret instead"
        : `has the type ${name || "(none)"}; use EC P-256, OKP Ed25519 or RSA`,
    );
  }
  if (jwk.alg !== undefined && jwk.alg !== shape.algorithm) {
    throw refusal(jwk, `is for ${jwk.alg}; a key of its type must be for ${shape.algorithm}`);
  }
  return shape;
}

/** Imports one half of a given key. */
async function importKey(
  given: JWK,
  half: JWK,
  algorithm: TokenAlgorithm,
): Promise<CryptoKey | Uint8Array> {
  let key: CryptoKey | Uint8Array;
  try {
    key = await importJWK({ ...half, ext: false }, algorithm);
  } catch {
    // The cause is dropped on purpose: its message may quote the key.
    throw refusal(given, "is damaged or incomplete");
  }
  const bits =
    "algorithm" in key && "modulusLength" in key.algorithm && key.algorithm.modulusLength;
  if (typeof bits === "number" && bits < MIN_RSA_BITS) {
    throw refusal(given, `has ${bits} bits; an RSA key needs at least ${MIN_RSA_BITS}`);
  }
  return key;
}

function refusal({ kid }: JWK, message: string): AnywireError {
  return new AnywireError(
    "bad_request",
    `the key ${JSON.stringify(kid ?? "(unnamed)")} ${message}`,
  );
}
