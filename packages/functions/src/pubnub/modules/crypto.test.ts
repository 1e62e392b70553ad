import {
  createECDH,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { expect, test } from "vitest";
import { codecBase64 } from "./codec-base64.ts";
import { crypto } from "./crypto.ts";

const { ALGORITHM } = crypto;

test("hashes are base64", async () => {
  expect(await crypto.sha1("secretPayload")).toBe("lxKt5ORJB+K62tNQucOyIwgVDfA=");
  expect(await crypto.sha256("secretPayload")).toBe("sx4yvIv4TM+p33je5wnxV8qnzekQvvvHaPZzGukC2RI=");
  expect(await crypto.sha512("secretPayload")).toMatch(/^E9\+4tYwT1BB75vTU/);
  expect(await crypto.md5("")).toBe("1B2M2Y8AsgTpgAmY7PhCfg==");
});

test.each([
  [ALGORITHM.HMAC_SHA1, "sha1"],
  [ALGORITHM.HMAC_SHA256, "sha256"],
  [ALGORITHM.HMAC_SHA512, "sha512"],
])("hmac with %s takes its key as base64 and gives base64 for URLs", async (algorithm, hash) => {
  const signature = await crypto.hmac(codecBase64.btoa("sharedSecretKey"), "payload", algorithm);
  expect(signature).not.toMatch(/[+/]/);
  expect(Buffer.from(signature, "base64url")).toEqual(
    createHmac(hash, "sharedSecretKey").update("payload").digest(),
  );
  expect(await crypto.hmac(Buffer.from("sharedSecretKey"), "payload", algorithm)).toBe(signature);
});

test("hmac refuses an algorithm that is none of its own", async () => {
  await expect(crypto.hmac("a2V5", "x", ALGORITHM.ED25519)).rejects.toThrow(
    "crypto.hmac: the algorithm must be one of crypto.ALGORITHM.HMAC_*",
  );
});

const ECDSA = [ALGORITHM.ECDSA_P256_SHA1, ALGORITHM.ECDSA_P256_SHA256, ALGORITHM.ECDSA_P256_SHA512];

function jwkOf(key: KeyObject): Record<"d" | "x" | "y", string> {
  return key.export({ format: "jwk" }) as Record<"d" | "x" | "y", string>;
}

test.each(ECDSA)("%s signs and verifies with keys as JWK", async (algorithm) => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { d, x, y } = jwkOf(privateKey);
  const signature = await crypto.sign({ kty: "EC", d }, "order 7", algorithm);
  expect(signature).toEqual({
    r: expect.stringMatching(/^[\w-]{43}$/),
    s: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(await crypto.verify(signature, { kty: "EC", x, y }, "order 7", algorithm)).toBe(true);
  expect(await crypto.verify(signature, { kty: "EC", x, y }, "order 8", algorithm)).toBe(false);
});

test("ECDSA keys can be base64 texts, and the signature is then one text", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { d, x, y } = jwkOf(privateKey);
  const point = Buffer.concat([
    Buffer.from([4]),
    Buffer.from(x, "base64url"),
    Buffer.from(y, "base64url"),
  ]).toString("base64");
  const key = Buffer.from(d, "base64url").toString("base64");
  const signature = await crypto.sign(key, "order 7", ALGORITHM.ECDSA_P256_SHA256);
  expect(signature).toMatch(/^[\w-]{86}==$/);
  expect(await crypto.verify(signature, point, "order 7", ALGORITHM.ECDSA_P256_SHA256)).toBe(true);
  expect(await crypto.verify(signature, point, "order 7", ALGORITHM.ECDSA_SHA256)).toBe(true);
  expect(await crypto.verify(signature, point, "order 7", ALGORITHM.ECDSA_P256_SHA1)).toBe(false);
});

test("a private key of ECDSA may come without the zeros in front", async () => {
  const [short, long] = [Buffer.from([7]), Buffer.concat([Buffer.alloc(31), Buffer.from([7])])];
  const pair = createECDH("prime256v1");
  pair.setPrivateKey(long);
  const point = pair.getPublicKey("base64");
  for (const key of [short, long]) {
    const signature = await crypto.sign(key.toString("base64"), "x", ALGORITHM.ECDSA_P256_SHA1);
    expect(await crypto.verify(signature, point, "x", ALGORITHM.ECDSA_P256_SHA1)).toBe(true);
  }
});

test("Ed25519 signs with a seed and verifies with a point", async () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { d: sk = "" } = privateKey.export({ format: "jwk" });
  const { x: pk = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const signature = await crypto.sign({ sk }, "order 7", ALGORITHM.ED25519);
  expect(signature).toEqual({ R: expect.any(String), S: expect.any(String) });
  expect(await crypto.verify(signature, { pk }, "order 7", ALGORITHM.ED25519)).toBe(true);
  expect(await crypto.verify(signature, { pk }, "order 8", ALGORITHM.ED25519)).toBe(false);
  const padded = Buffer.from(pk, "base64url").toString("base64");
  expect(await crypto.verify(signature, { pk: padded }, "order 7", ALGORITHM.ED25519)).toBe(true);
});

test("what is no signature is none of any message", async () => {
  const { publicKey } = generateKeyPairSync("ed25519");
  const { x: pk = "" } = publicKey.export({ format: "jwk" });
  expect(await crypto.verify("AAAA", { pk }, "order 7", ALGORITHM.ED25519)).toBe(false);
});

test.each([
  [{ sk: "AAAA" }, ALGORITHM.ED25519, "the key is none of the algorithm"],
  [{ sk: "AAAA" }, ALGORITHM.ECDSA_P256_SHA256, "the key must be a base64 text, or a JWK"],
  ["AAAA", ALGORITHM.HMAC_SHA1, "the algorithm must be crypto.ALGORITHM.ED25519 or one of"],
  ["", ALGORITHM.ECDSA_P256_SHA256, "the key is none of the algorithm"],
])("sign with %j by %s is refused: %s", async (key, algorithm, text) => {
  await expect(crypto.sign(key, "x", algorithm)).rejects.toThrow(text);
});
