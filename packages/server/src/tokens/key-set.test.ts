import { generateKeyPairSync } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnywireError } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../config/secret.ts";
import { isReadableByOthers, keyFileOf, loadKeySet, saveKeySet } from "./key-file.ts";
import { generateKeySet, KeySet } from "./key-set.ts";
import { parseKeySet } from "./key-text.ts";
import {
  exposedKeyFile,
  type KeyConfig,
  loadOrCreateServerKeys,
  loadServerKeys,
  requireServerKeys,
} from "./server-keys.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "anywire-keys-"));
});

afterEach(() => rm(directory, { recursive: true }));

function pemPair(
  type: "ec" | "rsa" | "ed25519",
  modulusLength = 2048,
): { both: string; pub: string } {
  const { privateKey, publicKey } =
    type === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : type === "rsa"
        ? generateKeyPairSync("rsa", { modulusLength })
        : generateKeyPairSync("ed25519");
  return {
    both: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    pub: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

async function messageOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "no error",
    (error: AnywireError) => error.message,
  );
}

describe("what is published", () => {
  test("has public halves only, and no shared secret", async () => {
    const keySet = (await (await generateKeySet()).rotate()).withSecret("s".repeat(32));
    const { keys } = keySet.publicJwks();
    expect(keys).toHaveLength(2);
    for (const jwk of keys) {
      expect(Object.keys(jwk).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
    }
  });

  test("leaves out whatever else a given JWK says", async () => {
    const [jwk] = (await generateKeySet()).privateJwks().keys;
    const set = await parseKeySet(JSON.stringify({ ...jwk, note: "private" }));
    expect(JSON.stringify(set.publicJwks())).not.toMatch(/private|"d"/);
  });
});

describe("parseKeySet", () => {
  test("reads a JWK, a JWK set, and the first private key signs", async () => {
    const [first] = (await generateKeySet()).privateJwks().keys;
    const [second] = (await generateKeySet()).privateJwks().keys;
    expect((await parseKeySet(JSON.stringify(first))).signingKey?.kid).toBe(first?.kid);
    const publicFirst = { ...first, d: undefined };
    const both = await parseKeySet(JSON.stringify({ keys: [publicFirst, second] }));
    expect([both.keys.length, both.signingKey?.kid]).toEqual([2, second?.kid]);
  });

  test.each([
    ["ec", "ES256"],
    ["rsa", "RS256"],
    ["ed25519", "EdDSA"],
  ] as const)(
    "reads %s keys from PEM, private and public, under the same name",
    async (type, algorithm) => {
      const { both, pub } = pemPair(type);
      const [privateKey] = (await parseKeySet(`Comment\n${both}`)).keys;
      const [publicKey] = (await parseKeySet(pub)).keys;
      expect([privateKey?.algorithm, publicKey?.algorithm]).toEqual([algorithm, algorithm]);
      expect(privateKey?.kid).toBe(publicKey?.kid);
      expect([privateKey?.signKey === undefined, publicKey?.signKey]).toEqual([false, undefined]);
    },
  );

  test("reads several PEM blocks", async () => {
    expect((await parseKeySet(pemPair("ec").both + pemPair("rsa").pub)).keys).toHaveLength(2);
  });

  test("passes over keys for encryption", async () => {
    const [jwk] = (await generateKeySet()).publicJwks().keys;
    const keys = [jwk, { kty: "RSA", use: "enc", n: "AQ", e: "AQAB" }];
    expect((await parseKeySet(JSON.stringify({ keys }))).keys).toHaveLength(1);
  });

  test("refuses what it can't use by name, and never quotes it", async () => {
    const [jwk] = (await generateKeySet()).privateJwks().keys;
    const named = { kid: "k1" };
    const cases: [string, RegExp][] = [
      ["", /neither a JWK, a JWK set nor PEM/],
      ["[]", /neither/],
      ["SECRET", /neither/],
      [JSON.stringify({ keys: [] }), /no key for signatures/],
      ["-----BEGIN PRIVATE KEY-----\nSECRET", /no key for signatures/],
      ["-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----", /PEM block PRIVATE KEY/],
      [
        JSON.stringify({ ...named, kty: "oct", k: "SECRET" }),
        /"k1" is a shared secret; set it as tokens/,
      ],
      [
        JSON.stringify({ ...named, kty: "EC", crv: "P-384" }),
        /"k1" has the type EC P-384; use EC P-256/,
      ],
      [JSON.stringify({ ...jwk, ...named, alg: "ES384" }), /"k1" is for ES384/],
      [JSON.stringify({ ...jwk, ...named, x: "SECRET" }), /"k1" is damaged/],
      [JSON.stringify({ ...jwk, ...named, d: "SECRET" }), /"k1" is damaged/],
      [JSON.stringify({ keys: [jwk, jwk] }), /two keys are named/],
      [pemPair("rsa", 1024).pub, /has 1024 bits/],
    ];
    for (const [text, message] of cases) {
      const shown = await messageOf(parseKeySet(text));
      expect(shown).toMatch(message);
      expect(shown).not.toContain("SECRET");
    }
  });
});

describe("the key file", () => {
  test("comes back as it was saved, readable by its owner only, with no draft left behind", async () => {
    const keySet = await (await generateKeySet()).rotate();
    const file = keyFileOf(join(directory, "new"));
    await saveKeySet(file, keySet);
    expect((await loadKeySet(file))?.privateJwks()).toEqual(keySet.privateJwks());
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await isReadableByOthers(file)).toBe(false);
    expect(await readdir(join(directory, "new"))).toEqual(["keys.json"]);
  });

  test("a rotated key's private half is not kept", async () => {
    const keySet = await (await generateKeySet()).rotate();
    expect(keySet.privateJwks().keys.map((jwk) => "d" in jwk)).toEqual([true, false]);
  });

  test("that holds no keys is refused by its name", async () => {
    const file = join(directory, "keys.json");
    await writeFile(file, "{}");
    expect(await messageOf(loadKeySet(file))).toMatch(/keys.json: the keys are neither/);
    expect(await messageOf(loadKeySet(directory))).toMatch(/can't be read \(EISDIR\)/);
    expect(await loadKeySet(join(directory, "none"))).toBeUndefined();
  });
});

describe("a server's keys", () => {
  function config(tokens: Partial<KeyConfig["tokens"]> = {}): KeyConfig {
    return {
      data: { directory },
      tokens: { algorithms: ["ES256"], defaultTtlSeconds: 60, clockToleranceSeconds: 0, ...tokens },
    };
  }

  test("development makes a key once and keeps it", async () => {
    const first = await loadOrCreateServerKeys(config());
    const second = await loadOrCreateServerKeys(config());
    expect(first.signingKey?.kid).toBeDefined();
    expect(second.signingKey?.kid).toBe(first.signingKey?.kid);
  });

  test("development makes none when there are others", async () => {
    const keys = new Secret(pemPair("ec").both);
    await loadOrCreateServerKeys(config({ keys }));
    const secret = new Secret("s".repeat(32));
    await loadOrCreateServerKeys(config({ secret, algorithms: ["HS256"] }));
    expect(await readdir(directory)).toEqual([]);
  });

  test("production refuses to be without, and says what to do", async () => {
    expect(await messageOf(requireServerKeys(config()))).toMatch(
      /no key to check tokens with: make one with `anywire keys add --data .*`, or set tokens.keys/,
    );
    const jwksUrl = "https://idp.example/jwks.json";
    expect((await requireServerKeys(config({ jwksUrl }))).keys).toEqual([]);
    await loadOrCreateServerKeys(config());
    expect((await requireServerKeys(config())).keys).toHaveLength(1);
  });

  test("configured keys replace those of the data directory, and a secret comes beside them", async () => {
    await loadOrCreateServerKeys(config());
    const { keys } = await loadServerKeys(
      config({
        keys: new Secret(pemPair("ed25519").pub),
        secret: new Secret("s".repeat(32)),
        algorithms: ["EdDSA", "HS256"],
      }),
    );
    expect(keys.map(({ algorithm }) => algorithm)).toEqual(["EdDSA", "HS256"]);
  });

  test("a key that tokens.algorithms leaves out is a mistake", async () => {
    expect(
      await messageOf(loadServerKeys(config({ keys: new Secret(pemPair("rsa").pub) }))),
    ).toMatch(/there is a key for RS256, but tokens.algorithms accepts only ES256/);
  });

  test("a key file that others can read is noticed", async () => {
    expect(await exposedKeyFile(config())).toBeUndefined();
    await loadOrCreateServerKeys(config());
    expect(await exposedKeyFile(config())).toBeUndefined();
    const file = keyFileOf(directory);
    await chmod(file, 0o644);
    expect(await exposedKeyFile(config())).toBe(file);
    expect(await readFile(file, "utf8")).toContain('"d"');
  });
});

test("removing a key that is not there is refused", async () => {
  expect(() => new KeySet([]).without("k")).toThrow(/no key named "k"/);
});
