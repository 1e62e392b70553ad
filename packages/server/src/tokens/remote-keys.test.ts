import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AnywireError } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { generateKeySet, KeySet } from "./key-set.ts";
import { createTokenIssuer } from "./token-issuer.ts";
import { createTokenVerifier, type TokenVerifier } from "./token-verifier.ts";

let provider: Server;
let fetches: number;
let answer: { status: number; body: unknown };
let providerKeys: KeySet;

beforeEach(async () => {
  fetches = 0;
  providerKeys = await generateKeySet();
  answer = { status: 200, body: providerKeys.publicJwks() };
  provider = createServer((_, response) => {
    fetches += 1;
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.body));
  });
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
});

afterEach(async () => {
  provider.closeAllConnections();
  provider.close();
  await once(provider, "close");
});

function verifierWith(keySet: KeySet): TokenVerifier {
  const { port } = provider.address() as AddressInfo;
  return createTokenVerifier(keySet, {
    algorithms: ["ES256", "HS256"],
    clockToleranceSeconds: 0,
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
  });
}

function tokenOf(keySet: KeySet): Promise<string> {
  const issuer = createTokenIssuer(keySet, { defaultTtlSeconds: 60 });
  return issuer.issue({ accountId: "bob", platform: "production" });
}

async function codeOf(check: Promise<unknown>): Promise<string> {
  const error: unknown = await check.catch((thrown: unknown) => thrown);
  return error instanceof AnywireError ? error.code : "accepted";
}

test("the provider's tokens are accepted beside our own, and its keys are fetched once", async () => {
  const ownKeys = await generateKeySet();
  const verifier = verifierWith(ownKeys);
  expect(await verifier.verify(await tokenOf(ownKeys))).toMatchObject({ sub: "bob" });
  expect(fetches).toBe(0);
  const token = await tokenOf(providerKeys);
  const claims = await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token)));
  expect(claims).toHaveLength(20);
  expect(fetches).toBe(1);
});

test("tokens of unknown keys are refused without fetching the set again and again", async () => {
  const verifier = verifierWith(new KeySet([]));
  for (let round = 0; round < 5; round += 1) {
    expect(await codeOf(verifier.verify(await tokenOf(await generateKeySet())))).toBe(
      "unauthenticated",
    );
  }
  expect(fetches).toBe(1);
});

test("a provider that is down makes its tokens uncheckable for now, not bad", async () => {
  answer = { status: 500, body: {} };
  expect(await codeOf(verifierWith(new KeySet([])).verify(await tokenOf(providerKeys)))).toBe(
    "unavailable",
  );
  answer = { status: 200, body: "no set" };
  expect(await codeOf(verifierWith(new KeySet([])).verify(await tokenOf(providerKeys)))).toBe(
    "unavailable",
  );
});

test("a secret in the provider's set, where all can read it, is not even asked for", async () => {
  const secret = "a shared secret of at least 32 bytes";
  answer = {
    status: 200,
    body: { keys: [{ kty: "oct", k: Buffer.from(secret).toString("base64url") }] },
  };
  const token = await tokenOf(new KeySet([]).withSecret(secret));
  expect(await codeOf(verifierWith(new KeySet([])).verify(token))).toBe("unauthenticated");
  expect(fetches).toBe(0);
});
