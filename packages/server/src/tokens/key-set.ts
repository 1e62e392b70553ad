import { AnywireError } from "@anywire/types";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { TokenAlgorithm } from "../config/tokens-section.ts";
import {
  createSecretKey,
  createTokenKey,
  nameOf,
  type TokenKey,
  withoutPrivateHalf,
} from "./token-key.ts";

/** The keys that tokens are checked with; the first that has a private half signs. Never changes. */
export class KeySet {
  readonly keys: readonly TokenKey[];

  /** @throws {AnywireError} `bad_request` when two keys have the same name. */
  constructor(keys: readonly TokenKey[]) {
    const names = keys.map(({ kid }) => kid);
    const twice = names.find((kid, index) => names.indexOf(kid) !== index);
    if (twice !== undefined) {
      throw new AnywireError("bad_request", `two keys are named ${JSON.stringify(twice)}`);
    }
    this.keys = keys;
  }

  /** The key that new tokens are signed with; undefined when all halves are public. */
  get signingKey(): TokenKey | undefined {
    return this.keys.find(({ signKey }) => signKey !== undefined);
  }

  /** The keys that a token of this algorithm and `kid` may be signed with. */
  candidates(algorithm: string, kid: string | undefined): TokenKey[] {
    return this.keys.filter(
      (key) =>
        key.algorithm === algorithm && (kid === undefined || !key.isNamed || key.kid === kid),
    );
  }

  /** With a new signing key. The present ones keep checking, and lose their private halves. */
  async rotate(): Promise<KeySet> {
    return new KeySet([await generateTokenKey(), ...this.keys.map(withoutPrivateHalf)]);
  }

  /**
   * Without a key: what it has signed is refused from then on.
   * @throws {AnywireError} `not_found` when there is no key of that name.
   */
  without(kid: string): KeySet {
    const left = this.keys.filter((key) => key.kid !== kid);
    if (left.length === this.keys.length) {
      throw new AnywireError("not_found", `there is no key named ${JSON.stringify(kid)}`);
    }
    return new KeySet(left);
  }

  /** With a shared secret, which checks HS256 tokens, and signs them when no other key signs. */
  withSecret(secret: string): KeySet {
    return new KeySet([...this.keys, createSecretKey(secret)]);
  }

  /**
   * What others may know, to check our tokens: public halves only, no secrets.
   * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
   */
  publicJwks(): { keys: JWK[] } {
    return { keys: this.keys.flatMap(({ publicJwk }) => publicJwk ?? []) };
  }

  /** Everything but shared secrets, private halves included: what is saved. */
  privateJwks(): { keys: JWK[] } {
    return {
      keys: this.keys.flatMap(({ privateJwk, publicJwk }) => privateJwk ?? publicJwk ?? []),
    };
  }

  /** The algorithms of its keys. */
  algorithms(): Set<TokenAlgorithm> {
    return new Set(this.keys.map(({ algorithm }) => algorithm));
  }
}

/** A new set with one new ES256 key, which signs. */
export async function generateKeySet(): Promise<KeySet> {
  return new KeySet([await generateTokenKey()]);
}

async function generateTokenKey(): Promise<TokenKey> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  return createTokenKey({ ...jwk, kid: await nameOf(jwk) });
}
