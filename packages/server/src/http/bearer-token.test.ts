import { beforeAll, expect, test } from "vitest";
import { createTestApp, type TestApp } from "./create-test-app.fixture.ts";

const PRESENCE = "/v1/channels/production.group.lobby/presence";
let server: TestApp;

beforeAll(async () => {
  server = await createTestApp();
});

test("without a token the answer asks for one, and names no error", async () => {
  const { status, headers } = await server.send(PRESENCE, { token: null });
  expect(status).toBe(401);
  expect(headers.get("www-authenticate")).toBe('Bearer realm="anywire"');
});

test.each([
  "Basic Ym9iOmJvYg==",
  "Bearer",
  "Bearer ",
  "Bearer a b",
  "Bearer garbage",
  "bearer a.b.c",
])("Authorization: %s is refused", async (authorization) => {
  const answer = await server.send(PRESENCE, { token: null, headers: { authorization } });
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
  expect(await answer.json()).toMatchObject({ code: "unauthenticated" });
});

test("a token in the address or a cookie counts for nothing", async () => {
  const token = await server.issue({ subscribe: ["production.>"] });
  const inQuery = await server.send(`${PRESENCE}?access_token=${token}&token=${token}`, {
    token: null,
    headers: { cookie: `token=${token}` },
  });
  expect(inQuery.status).toBe(401);
});

test("a good token under another scheme counts for nothing", async () => {
  const token = await server.issue({ subscribe: ["production.>"] });
  for (const authorization of [`Basic ${token}`, `Bearer${token}`, token]) {
    const answer = await server.send(PRESENCE, { token: null, headers: { authorization } });
    expect(answer.status).toBe(401);
  }
});

test("the scheme is written in any case", async () => {
  const token = await server.issue({ subscribe: ["production.>"] });
  const headers = { authorization: `bEARER ${token}` };
  expect((await server.send(PRESENCE, { token: null, headers })).status).toBe(200);
});
