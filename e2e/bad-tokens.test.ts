import { createPublicKey } from "node:crypto";
import { type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { expect, it } from "vitest";
import { generateKeySet, type KeySet } from "../packages/server/src/tokens/key-set.ts";
import { startBystander } from "./support/bystander.ts";
import { connectRaw, openRaw } from "./support/raw-client.ts";
import { startTestServer } from "./support/start-test-server.ts";
import { claimsOf, inSeconds, signToken } from "./support/tokens.ts";

type Forge = (keySet: KeySet) => Promise<string> | string;

const GOOD = claimsOf("bob");

function withClaims(claims: JWTPayload): Forge {
  return (keySet) => signToken(keySet, { ...GOOD, ...claims });
}

/** The public key as a text, used as if it were a shared secret. */
async function confused(keySet: KeySet): Promise<string> {
  const [jwk] = keySet.publicJwks().keys;
  const pem = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" }).export({
    type: "spki",
    format: "pem",
  });
  return new SignJWT(GOOD)
    .setProtectedHeader({ alg: "HS256", kid: String(jwk?.kid) })
    .sign(Buffer.from(pem));
}

it.each<[what: string, forge: Forge]>([
  ["no token", () => ""],
  ["no JWT", () => "eyJhbGciOiJFUzI1NiJ9.e30"],
  ["a token that is very long", () => "x".repeat(100_000)],
  ["another server's key", async () => signToken(await generateKeySet(), GOOD)],
  ["no signature", () => new UnsecuredJWT(GOOD).encode()],
  ["the public key as a secret", confused],
  ["a changed payload", async (keySet) => tampered(await signToken(keySet, GOOD))],
  ["no account", withClaims({ sub: "" })],
  ["an account that is a pattern", withClaims({ sub: "*" })],
  ["no platform", withClaims({ platform: undefined })],
  ["a platform of two segments", withClaims({ platform: "production.group" })],
  ["patterns that are none", withClaims({ subscribe: ["production.>.x"] })],
  ["a time when it is not valid yet", withClaims({ nbf: inSeconds(600) })],
])("a token with %s ends the connection with 3500", async (_what, forge) => {
  const server = await startTestServer();
  const bystander = await startBystander(server);
  const client = await openRaw(server);
  client.send(JSON.stringify({ id: 1, connect: { token: await forge(server.keySet) } }));
  expect(await client.closed).toEqual({ code: 3500, reason: "invalid token" });
  await bystander.assertUndisturbed();
});

it("a token of another platform is good there, and opens nothing here", async () => {
  const server = await startTestServer();
  const token = await server.token("bob", { platform: "staging", subscribe: [">"] });
  const client = await openRaw(server);
  const { connect } = await client.request({ connect: { token } });
  expect(Object.keys(connect?.subs ?? {})).toEqual(["staging.notification.bob"]);
  const { error } = await client.request({ subscribe: { channel: "production.group.lobby" } });
  expect(error).toMatchObject({ code: 103 });
});

it.each([
  ["another account", { sub: "june" }],
  ["another platform", { platform: "staging" }],
])("a refresh with the token of %s ends the connection with 3500", async (_what, claims) => {
  const server = await startTestServer();
  const client = await connectRaw(server, "bob");
  client.send(JSON.stringify({ id: 2, refresh: { token: await server.token("bob", claims) } }));
  expect(await client.closed).toEqual({ code: 3500, reason: "invalid token" });
});

it("a refresh with an expired token is an error that can be mended", async () => {
  const server = await startTestServer();
  const client = await connectRaw(server);
  const token = await server.token("bob", { exp: inSeconds(-60) });
  expect((await client.request({ refresh: { token } })).error).toMatchObject({ code: 109 });
  const { error } = await client.request({ refresh: { token: await server.token("bob") } });
  expect(error).toBeUndefined();
});

/** The token with one letter of its payload changed. */
function tampered(token: string): string {
  const [header, payload = "", signature] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: "bab" })).toString("base64url");
  return [header, changed, signature].join(".");
}
