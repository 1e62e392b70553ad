import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { expect, test } from "vitest";
import { createTokenKey } from "./token-key.ts";

test("a key without a name is named by its thumbprint", async () => {
  const { publicKey } = await generateKeyPair("ES256");
  const jwk = await exportJWK(publicKey);
  const { kid, isNamed } = await createTokenKey(jwk);
  expect(isNamed).toBe(false);
  expect(kid.slice(1)).toBe((await calculateJwkThumbprint(jwk)).slice(1));
});

test("a name made for a key is never taken for an option of a command", async () => {
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: "C0_vw85SOPOSNQRyPMtPw7cYBKPo0t1ZGz40HzCs-RQ",
    y: "dTn6RlSOfKSDjlauvRVO81V_bWtZnxzs_-7Io_OQBAo",
  };
  expect(await calculateJwkThumbprint(jwk)).toMatch(/^-/);
  expect((await createTokenKey(jwk)).kid).toMatch(/^[A-Za-z0-9_]/);
});
