import { createHmac, generateKeyPairSync } from "node:crypto";
import type { SignCallback } from "jsonwebtoken";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { jwt } from "./jwt.ts";

const { sign, verify, decode, JsonWebTokenError } = jwt;
const SECRET = "a-secret-of-some-length";
/** 2030-01-01T00:00:00Z, in seconds. */
const NOW = 1_893_456_000;

beforeEach(() => void vi.spyOn(Date, "now").mockReturnValue(NOW * 1000));
afterEach(() => void vi.restoreAllMocks());

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function pemOf(kind: "rsa" | "ec"): { readonly privateKey: string; readonly publicKey: string } {
  const encoding = {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  } as const;
  return kind === "rsa"
    ? generateKeyPairSync("rsa", { modulusLength: 2048, ...encoding })
    : generateKeyPairSync("ec", { namedCurve: "P-256", ...encoding });
}

const RSA = pemOf("rsa");
const EC = pemOf("ec");

test("a token is signed with HS256 and says when", () => {
  const token = sign({ userId: "7" }, SECRET, { expiresIn: "1h" });
  const claims = { userId: "7", iat: NOW, exp: NOW + 3600 };
  expect(verify(token, SECRET)).toEqual(claims);
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  expect(token).toBe(`${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`);
});

test("options become claims", () => {
  const token = sign({}, SECRET, {
    audience: "shop",
    issuer: "us",
    subject: "account:ann",
    jwtid: "1",
    keyid: "k1",
    notBefore: 10,
    expiresIn: 60,
  });
  expect(decode(token, { complete: true })).toMatchObject({
    header: { alg: "HS256", typ: "JWT", kid: "k1" },
    payload: { aud: "shop", iss: "us", sub: "account:ann", jti: "1", nbf: NOW + 10, exp: NOW + 60 },
  });
});

test.each([
  ["RS256", RSA],
  ["PS384", RSA],
  ["ES256", EC],
] as const)("%s signs with a private key and verifies with the public one", (algorithm, keys) => {
  const token = sign({ userId: "7" }, keys.privateKey, { algorithm });
  expect(verify(token, keys.publicKey)).toMatchObject({ userId: "7" });
  expect(() => verify(token, pemOf(keys === RSA ? "rsa" : "ec").publicKey)).toThrow(
    "invalid signature",
  );
});

/** Makes a token by hand. */
function forge(header: object, key: string): string {
  const text = `${part(header)}.${part({ userId: "root" })}`;
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

test("a public key is never taken for a secret", () => {
  const token = forge({ alg: "HS256" }, RSA.publicKey);
  expect(() => verify(token, RSA.publicKey)).toThrow("invalid algorithm");
  expect(() => verify(token, RSA.publicKey, { algorithms: ["HS256"] })).toThrow(
    "secretOrPublicKey must be a symmetric key when using HS256",
  );
});

test("a token that says it needs no signature is refused", () => {
  const text = `${part({ alg: "none" })}.${part({ userId: "root" })}`;
  expect(() => verify(`${text}.`, SECRET)).toThrow("jwt signature is required");
  expect(() => verify(`${text}.AA`, SECRET)).toThrow("invalid algorithm");
  expect(() => verify(`${text}.AA`, SECRET, { algorithms: ["none"] })).toThrow("invalid signature");
});

test.each([
  ["another secret", () => verify(sign({}, SECRET), "another"), "invalid signature"],
  ["no token", () => verify("nonsense", SECRET), "jwt malformed"],
  ["no secret", () => verify(sign({}, SECRET), ""), "secret or public key must be provided"],
  [
    "another algorithm",
    () => verify(sign({}, SECRET), SECRET, { algorithms: ["HS512"] }),
    "invalid algorithm",
  ],
  [
    "a later beginning",
    () => verify(sign({}, SECRET, { notBefore: "5m" }), SECRET),
    "jwt not active",
  ],
  ["an end in the past", () => verify(sign({}, SECRET, { expiresIn: -1 }), SECRET), "jwt expired"],
  [
    "a token that is too old",
    () => verify(sign({ iat: NOW - 100 }, SECRET), SECRET, { maxAge: "1m" }),
    "maxAge exceeded",
  ],
  [
    "another audience",
    () => verify(sign({ aud: ["a", "b"] }, SECRET), SECRET, { audience: ["c", /^d/] }),
    "jwt audience invalid. expected: c or /^d/",
  ],
  [
    "another issuer",
    () => verify(sign({ iss: "them" }, SECRET), SECRET, { issuer: "us" }),
    "jwt issuer invalid. expected: us",
  ],
])("verify refuses %s", (_, work, message) => {
  expect(work).toThrow(message);
  expect(work).toThrow(JsonWebTokenError);
});

test("clocks may differ by the tolerance, and times can be ignored", () => {
  const token = sign({}, SECRET, { expiresIn: -5 });
  expect(verify(token, SECRET, { clockTolerance: 6 })).toMatchObject({ exp: NOW - 5 });
  expect(verify(token, SECRET, { ignoreExpiration: true })).toMatchObject({ exp: NOW - 5 });
  expect(verify(token, SECRET, { clockTimestamp: NOW - 6 })).toMatchObject({ exp: NOW - 5 });
});

test.each([
  ["2 days", 172_800],
  ["1.5h", 5_400],
  ["30s", 30],
  ["90", 0],
  [90, 90],
] as const)("expiresIn of %j is %i seconds", (expiresIn, seconds) => {
  expect(decode(sign({}, SECRET, { expiresIn }))).toMatchObject({ exp: NOW + seconds });
});

test.each([
  ["a payload that is none", () => sign([], SECRET), 'Expected "payload" to be a plain object'],
  [
    "a span that is none",
    () => sign({}, SECRET, { expiresIn: "soon" as "1h" }),
    '"expiresIn" should be',
  ],
  [
    "a claim that is said twice",
    () => sign({ exp: 1 }, SECRET, { expiresIn: 1 }),
    'Bad "options.expiresIn" option the payload already has an "exp" property',
  ],
  [
    "an algorithm that is none",
    () => sign({}, SECRET, { algorithm: "HS1" as "HS256" }),
    '"algorithm" must be a valid',
  ],
  [
    "a secret for RS256",
    () => sign({}, SECRET, { algorithm: "RS256" }),
    "secretOrPrivateKey must be an asymmetric key when using RS256",
  ],
])("sign refuses %s", (_, work, message) => {
  expect(work).toThrow(message);
});

test("a text can be signed, and is given back", () => {
  expect(verify(sign("hello", SECRET), SECRET)).toBe("hello");
});

test("decode looks at no signature, and gives null for what is no token", () => {
  expect(decode(forge({ alg: "HS256" }, "whatever"))).toEqual({ userId: "root" });
  expect(decode(`${part({ alg: "HS256" })}.${part({})}`)).toBeNull();
  expect(decode("a.b.c")).toBeNull();
});

test("with a callback, sign and verify tell it", async () => {
  const token = await new Promise<string | undefined>((resolve, reject) => {
    const told: SignCallback = (error, signed) => (error ? reject(error) : resolve(signed));
    sign({ userId: "7" }, SECRET, told);
  });
  await new Promise<void>((resolve) => {
    verify(token ?? "", "another", {}, (error, claims) => {
      expect([error?.message, claims]).toEqual(["invalid signature", undefined]);
      resolve();
    });
  });
});
