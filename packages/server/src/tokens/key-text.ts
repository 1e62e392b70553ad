import { createPrivateKey, createPublicKey } from "node:crypto";
import { AnywireError } from "@anywire/types";
import type { JWK } from "jose";
import { z } from "zod";
import { KeySet } from "./key-set.ts";
import { createTokenKey } from "./token-key.ts";

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;

const jwkSchema = z.looseObject({ kty: z.string(), kid: z.string().min(1).max(256).optional() });
const jwksSchema = z.union([
  z.object({ keys: z.array(jwkSchema) }).transform(({ keys }) => keys),
  jwkSchema.transform((jwk) => [jwk]),
]);

/**
 * Reads keys from text: a JWK, a JWK set, or PEM with any number of private keys, public keys and
 * certificates. Keys for encryption are passed over.
 * @throws {AnywireError} `bad_request` that names what can't be used, without quoting it.
 */
export async function parseKeySet(text: string): Promise<KeySet> {
  const jwks = text.includes("-----BEGIN ") ? readPem(text) : readJwks(text);
  const forSigning = jwks.filter(({ use }) => use === undefined || use === "sig");
  if (forSigning.length === 0) {
    throw new AnywireError("bad_request", "there is no key for signatures in it");
  }
  return new KeySet(await Promise.all(forSigning.map(createTokenKey)));
}

function readJwks(text: string): JWK[] {
  const parsed = jwksSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data as JWK[];
  throw new AnywireError("bad_request", "the keys are neither a JWK, a JWK set nor PEM");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readPem(text: string): JWK[] {
  return [...text.matchAll(PEM_BLOCK)].map(([block, label = ""]) => {
    try {
      const read = label.endsWith("PRIVATE KEY") ? createPrivateKey : createPublicKey;
      return read(block).export({ format: "jwk" }) as JWK;
    } catch {
      throw new AnywireError("bad_request", `the PEM block ${label} can't be used as a key`);
    }
  });
}
