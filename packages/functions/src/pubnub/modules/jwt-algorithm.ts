import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { JsonWebTokenError } from "./jwt-errors.ts";

interface Spec {
  readonly family: "HS" | "RS" | "PS" | "ES";
  readonly hash: string;
  readonly curve?: string;
}

const SPECS: Readonly<Record<string, Spec>> = {
  HS256: { family: "HS", hash: "sha256" },
  HS384: { family: "HS", hash: "sha384" },
  HS512: { family: "HS", hash: "sha512" },
  RS256: { family: "RS", hash: "sha256" },
  RS384: { family: "RS", hash: "sha384" },
  RS512: { family: "RS", hash: "sha512" },
  PS256: { family: "PS", hash: "sha256" },
  PS384: { family: "PS", hash: "sha384" },
  PS512: { family: "PS", hash: "sha512" },
  ES256: { family: "ES", hash: "sha256", curve: "prime256v1" },
  ES384: { family: "ES", hash: "sha384", curve: "secp384r1" },
  ES512: { family: "ES", hash: "sha512", curve: "secp521r1" },
};

const ALGORITHMS = Object.keys(SPECS);

/** A secret, or a key in PEM. */
export type JwtKey = string | Uint8Array | KeyObject;

/** What signs. @throws {JsonWebTokenError} when there is no key. */
export function privateKeyOf(key: JwtKey | undefined): KeyObject {
  return readKey(key, createPrivateKey);
}

/** What verifies. @throws {JsonWebTokenError} when there is no key. */
export function publicKeyOf(key: JwtKey | undefined): KeyObject {
  return readKey(key, createPublicKey);
}

/** What a token may be signed by when nothing is said: never by a public key that is taken for a secret. */
export function algorithmsOf(key: KeyObject): readonly string[] {
  return ALGORITHMS.filter((name) => fits(SPECS[name], key));
}

/** The signature of a text. @throws {JsonWebTokenError} when the key is not for that algorithm. */
export function signText(text: string, key: KeyObject, algorithm: string): string {
  const spec = specOf(algorithm, key);
  const bytes = Buffer.from(text);
  if (spec.family === "HS") return createHmac(spec.hash, key).update(bytes).digest("base64url");
  return sign(spec.hash, bytes, { key, ...paddingOf(spec) }).toString("base64url");
}

/** Whether a signature is that of a text. @throws {JsonWebTokenError} as {@link signText} */
export function isSignatureOf(
  signature: string,
  text: string,
  key: KeyObject,
  algorithm: string,
): boolean {
  const spec = specOf(algorithm, key);
  const bytes = Buffer.from(text);
  const given = Buffer.from(signature, "base64url");
  if (spec.family !== "HS") return verify(spec.hash, bytes, { key, ...paddingOf(spec) }, given);
  const right = createHmac(spec.hash, key).update(bytes).digest();
  return given.length === right.length && timingSafeEqual(given, right);
}

function specOf(algorithm: string, key: KeyObject): Spec {
  const spec = Object.hasOwn(SPECS, algorithm) ? SPECS[algorithm] : undefined;
  if (spec === undefined) {
    throw new JsonWebTokenError(`"${algorithm}" is no algorithm: take one of ${ALGORITHMS}`);
  }
  if (!fits(spec, key)) throw new JsonWebTokenError(`the key is none of ${algorithm}`);
  return spec;
}

function fits(spec: Spec | undefined, key: KeyObject): boolean {
  switch (spec?.family) {
    case "HS":
      return key.type === "secret";
    case "RS":
      return key.asymmetricKeyType === "rsa";
    case "PS":
      return key.asymmetricKeyType === "rsa" || key.asymmetricKeyType === "rsa-pss";
    case "ES":
      return key.asymmetricKeyDetails?.namedCurve === spec.curve;
    default:
      return false;
  }
}

function paddingOf({ family }: Spec): object {
  if (family === "ES") return { dsaEncoding: "ieee-p1363" };
  if (family === "RS") return { padding: constants.RSA_PKCS1_PADDING };
  return {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
}

function readKey(key: JwtKey | undefined, fromPem: (pem: string) => KeyObject): KeyObject {
  if (key === undefined || key === null || key === "") {
    throw new JsonWebTokenError("a secret or a key must be given");
  }
  if (typeof key === "string" && key.trimStart().startsWith("-----BEGIN ")) {
    try {
      return fromPem(key);
    } catch (cause) {
      throw new JsonWebTokenError("the key in PEM cannot be read", { cause });
    }
  }
  if (typeof key === "string") return createSecretKey(key, "utf8");
  return key instanceof Uint8Array ? createSecretKey(key) : key;
}
