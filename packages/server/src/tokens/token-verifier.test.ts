import { createHmac } from "node:crypto";
import { AnywireError } from "@anywire/types";
import fc from "fast-check";
import { base64url, exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { generateKeySet, KeySet } from "./key-set.ts";
import { createTokenIssuer } from "./token-issuer.ts";
import { createTokenKey, type TokenKey } from "./token-key.ts";
import { createTokenVerifier, type TokenRules, type TokenVerifier } from "./token-verifier.ts";

const RULES: TokenRules = { algorithms: ["ES256"], clockToleranceSeconds: 0 };
const CLAIMS = { sub: "bob", platform: "production", subscribe: ["production.>"] };
const SECRET = "a shared secret of at least 32 bytes";

let keySet: KeySet;
let key: TokenKey;
let verifier: TokenVerifier;

beforeAll(async () => {
  keySet = await generateKeySet();
  key = signingKeyOf(keySet);
  verifier = createTokenVerifier(keySet, RULES);
});

function signingKeyOf(set: KeySet): TokenKey {
  if (set.signingKey === undefined) throw new Error("no signing key");
  return set.signingKey;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function sign(claims: JWTPayload, by: TokenKey = key, header: object = {}): Promise<string> {
  if (by.signKey === undefined) throw new Error("no private half");
  return new SignJWT({ exp: now() + 60, ...claims })
    .setProtectedHeader({ alg: by.algorithm, kid: by.kid, ...header })
    .sign(by.signKey);
}

/** A token put together by hand, as a forger would. */
function forge(header: object, claims: object, signature = ""): string {
  return [
    ...[header, claims].map((part) => base64url.encode(JSON.stringify(part))),
    signature,
  ].join(".");
}

async function refusal(check: Promise<unknown>): Promise<string> {
  const error: unknown = await check.catch((thrown: unknown) => thrown);
  return error instanceof AnywireError ? `${error.code}: ${error.message}` : "accepted";
}

describe("a token from the issuer", () => {
  test("gives back what it was made for, with its times", async () => {
    const request = {
      accountId: "bob",
      platform: "staging",
      subscribe: ["staging.>"],
      publish: ["staging.group.*"],
      manage: [],
      ttlSeconds: 90,
    };
    const token = await createTokenIssuer(keySet, { defaultTtlSeconds: 5 }).issue(request);
    const { iat = 0, exp, ...claims } = await verifier.verify(token);
    expect(claims).toEqual({
      sub: "bob",
      platform: "staging",
      subscribe: ["staging.>"],
      publish: ["staging.group.*"],
      manage: [],
    });
    expect([exp, Math.abs(iat - now()) < 5]).toEqual([iat + 90, true]);
  });

  test("carries the configured issuer and audience, and the default lifetime", async () => {
    const names = { issuer: "anywire", audience: "chat" };
    const issuer = createTokenIssuer(keySet, { ...names, defaultTtlSeconds: 7 });
    const token = await issuer.issue({ accountId: "bob", platform: "production" });
    const claims = await createTokenVerifier(keySet, { ...RULES, ...names }).verify(token);
    expect(claims).toMatchObject({ iss: "anywire", aud: "chat", exp: (claims.iat ?? 0) + 7 });
  });

  test("is not made for a name, a pattern or a lifetime that is none", async () => {
    const { issue } = createTokenIssuer(keySet, { defaultTtlSeconds: 60 });
    const good = { accountId: "bob", platform: "production" };
    for (const wrong of [
      { accountId: "bob smith" },
      { platform: "a.b" },
      { subscribe: ["production"] },
      { ttlSeconds: 0 },
      { ttlSeconds: 1.5 },
      { ttlSeconds: Number.NaN },
    ]) {
      expect(await refusal(issue({ ...good, ...wrong }))).toMatch(/^bad_request: such a token/);
    }
  });

  test("is not made without a private key", async () => {
    const publicOnly = new KeySet([await createTokenKey(key.publicJwk ?? { kty: "" })]);
    const issuer = createTokenIssuer(publicOnly, { defaultTtlSeconds: 60 });
    expect(await refusal(issuer.issue({ accountId: "bob", platform: "production" }))).toMatch(
      /^unsupported: there is no private key/,
    );
  });

  test("is accepted with any valid claims", async () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
    const pattern = fc.tuple(segment, segment).map(([platform, type]) => `${platform}.${type}.*`);
    const issuer = createTokenIssuer(keySet, { defaultTtlSeconds: 60 });
    const requests = fc.record({
      accountId: segment,
      platform: segment,
      subscribe: fc.array(pattern, { maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        expect(await verifier.verify(await issuer.issue(request))).toMatchObject({
          sub: request.accountId,
          platform: request.platform,
          subscribe: request.subscribe,
        });
      }),
      { numRuns: 25 },
    );
  });
});

describe("signatures", () => {
  test("a token that was changed anywhere is refused", async () => {
    const token = await sign(CLAIMS);
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(..."AQgw.!"), async (at, put) => {
        const changed = token.slice(0, at) + put + token.slice(at + 1);
        fc.pre(changed !== token && !isSameSignature(changed, token));
        expect(await refusal(verifier.verify(changed))).toMatch(/^unauthenticated: /);
      }),
      { numRuns: 60 },
    );
  });

  test("text that is no token at all is refused", async () => {
    for (const text of ["", "x", "..", "a.b.c", "null", "eyJhbGciOiJFUzI1NiJ9..", "😀.😀.😀"]) {
      expect(await refusal(verifier.verify(text)), text).toMatch(/^unauthenticated: the token /);
    }
  });

  test("a foreign key is refused, whether it takes our kid or its own or none", async () => {
    const foreign = signingKeyOf(await generateKeySet());
    for (const header of [{ kid: key.kid }, {}, { kid: undefined }]) {
      expect(await refusal(verifier.verify(await sign(CLAIMS, foreign, header)))).toBe(
        "unauthenticated: the token was not signed with a key that is accepted here",
      );
    }
  });

  test("a token is checked only with the key that it names", async () => {
    const token = await sign(CLAIMS, key, { kid: "another" });
    expect(await refusal(verifier.verify(token))).toMatch(/^unauthenticated: .* not signed/);
  });

  test("alg none is refused, in any spelling", async () => {
    for (const alg of ["none", "None", "NONE", ""]) {
      expect(await refusal(verifier.verify(forge({ alg, kid: key.kid }, CLAIMS)))).toBe(
        "unauthenticated: the token must be signed with ES256",
      );
    }
  });

  test("a public key is never taken for an HS256 secret, even when HS256 is accepted", async () => {
    const pair = await generateKeyPair("RS256");
    const pem = await exportSPKI(pair.publicKey);
    const mixed = createTokenVerifier(keySet.withSecret(SECRET), {
      ...RULES,
      algorithms: ["ES256", "RS256", "HS256"],
    });
    for (const secret of [pem, JSON.stringify(key.publicJwk)]) {
      const unsigned = forge({ alg: "HS256", kid: key.kid }, CLAIMS).slice(0, -1);
      const mac = createHmac("sha256", secret).update(unsigned).digest("base64url");
      expect(await refusal(mixed.verify(`${unsigned}.${mac}`))).toMatch(
        /^unauthenticated: .* not signed/,
      );
    }
  });

  test("HS256 works with the shared secret, and only when it is accepted", async () => {
    const withSecret = new KeySet([]).withSecret(SECRET);
    const token = await sign(CLAIMS, signingKeyOf(withSecret), { kid: undefined });
    const accepting = createTokenVerifier(withSecret, { ...RULES, algorithms: ["HS256"] });
    expect(await accepting.verify(token)).toMatchObject(CLAIMS);
    expect(await refusal(createTokenVerifier(withSecret, RULES).verify(token))).toMatch(/ES256/);
  });

  test.each(["RS256", "EdDSA"] as const)("%s works when it is accepted", async (algorithm) => {
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const other = await createTokenKey(await exportJWK(privateKey));
    const rules: TokenRules = { ...RULES, algorithms: ["ES256", algorithm] };
    const both = createTokenVerifier(new KeySet([key, other]), rules);
    expect(await both.verify(await sign(CLAIMS, other))).toMatchObject(CLAIMS);
    expect(await both.verify(await sign(CLAIMS))).toMatchObject(CLAIMS);
  });

  test("an unnamed key is tried on tokens with any kid, and several on tokens without one", async () => {
    const { kid: _, ...unnamed } = key.privateJwk ?? { kty: "" };
    const other = signingKeyOf(await generateKeySet());
    const set = new KeySet([other, await createTokenKey(unnamed)]);
    const any = createTokenVerifier(set, RULES);
    for (const header of [{ kid: "whatever" }, { kid: undefined }]) {
      expect(await any.verify(await sign(CLAIMS, key, header))).toMatchObject(CLAIMS);
    }
  });
});

describe("rotation", () => {
  test("old tokens stay good until their key is removed; new ones are signed by the new key", async () => {
    const rotated = await keySet.rotate();
    const old = await sign(CLAIMS);
    const fresh = await createTokenIssuer(rotated, { defaultTtlSeconds: 60 }).issue({
      accountId: "bob",
      platform: "production",
    });
    const during = createTokenVerifier(rotated, RULES);
    expect(await during.verify(old)).toMatchObject(CLAIMS);
    expect(await during.verify(fresh)).toMatchObject({ sub: "bob" });
    expect(await refusal(verifier.verify(fresh))).toMatch(/^unauthenticated/);
    const after = createTokenVerifier(rotated.without(key.kid), RULES);
    expect(await refusal(after.verify(old))).toMatch(/^unauthenticated/);
    expect(await after.verify(fresh)).toMatchObject({ sub: "bob" });
  });
});

describe("claims", () => {
  test("an expired token says so, unless there is more wrong with it", async () => {
    const exp = now() - 10;
    expect(await refusal(verifier.verify(await sign({ ...CLAIMS, exp })))).toBe(
      "token_expired: the token has run out; get a new one",
    );
    expect(await refusal(verifier.verify(await sign({ sub: "bob", exp })))).toMatch(
      /^unauthenticated: the token has no valid platform claim/,
    );
    const foreign = signingKeyOf(await generateKeySet());
    expect(await refusal(verifier.verify(await sign({ ...CLAIMS, exp }, foreign)))).toMatch(
      /^unauthenticated/,
    );
  });

  test("clocks may differ as far as configured", async () => {
    const lenient = createTokenVerifier(keySet, { ...RULES, clockToleranceSeconds: 30 });
    const token = await sign({ ...CLAIMS, exp: now() - 10 });
    expect(await lenient.verify(token)).toMatchObject(CLAIMS);
  });

  test.each([
    [{ sub: undefined }, "has no valid sub claim"],
    [{ sub: "bob smith" }, "has no valid sub claim"],
    [{ platform: 5 }, "has no valid platform claim"],
    [{ platform: "a.b" }, "has no valid platform claim"],
    [{ subscribe: "production.>" }, "has no valid subscribe claim"],
    [{ publish: ["production"] }, "has no valid publish claim"],
    [{ exp: "soon" }, "has a time claim that is not a number"],
    [{ nbf: 9_999_999_999 }, "is not valid yet (nbf)"],
    [{ channel: "production.group.a" }, "is for a subscription; use one without the channel claim"],
  ])("a token with %j is refused", async (wrong, message) => {
    const claims = { ...CLAIMS, ...wrong } as JWTPayload;
    expect(await refusal(verifier.verify(await sign(claims)))).toBe(
      `unauthenticated: the token ${message}`,
    );
  });

  test("issuer and audience are checked when they are configured", async () => {
    const strict = createTokenVerifier(keySet, { ...RULES, issuer: "us", audience: "chat" });
    const good = { ...CLAIMS, iss: "us", aud: ["chat", "mail"] };
    expect(await strict.verify(await sign(good))).toMatchObject(CLAIMS);
    expect(await refusal(strict.verify(await sign({ ...good, iss: "them" })))).toMatch(/\(iss\)$/);
    expect(await refusal(strict.verify(await sign({ ...good, aud: "mail" })))).toMatch(/\(aud\)$/);
    expect(await refusal(strict.verify(await sign({ ...CLAIMS, iss: "us" })))).toMatch(/\(aud\)$/);
  });
});

describe("subscription tokens", () => {
  test("name an account, a channel or pattern, and when they run out", async () => {
    const exp = now() + 60;
    const token = await sign({ sub: "bob", channel: "production.group.a", exp });
    expect(await verifier.verifySubscription(token)).toEqual({
      sub: "bob",
      channel: "production.group.a",
      platform: "production",
      exp,
    });
  });

  test.each([
    [{ channel: undefined }, "has no valid channel claim"],
    [{ channel: "group" }, "has no valid channel claim"],
    [{ sub: "" }, "has no valid sub claim"],
    [{ platform: "staging" }, "has no valid platform claim"],
  ])("with %j is refused", async (wrong, message) => {
    const claims = { sub: "bob", channel: "production.group.a", ...wrong } as JWTPayload;
    expect(await refusal(verifier.verifySubscription(await sign(claims)))).toBe(
      `unauthenticated: the token ${message}`,
    );
  });

  test("a connection's token is none", async () => {
    expect(await refusal(verifier.verifySubscription(await sign(CLAIMS)))).toMatch(
      /channel claim$/,
    );
  });
});

/** The last character of a signature has bits that decoding drops, so another character can mean the same. */
function isSameSignature(a: string, b: string): boolean {
  const bytes = (token: string): string =>
    Buffer.from(token.split(".")[2] ?? "", "base64url").toString("hex");
  return (
    a.split(".").slice(0, 2).join() === b.split(".").slice(0, 2).join() && bytes(a) === bytes(b)
  );
}
