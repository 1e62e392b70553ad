import { expect, test } from "vitest";
import { createTestApp } from "./create-test-app.fixture.ts";
import type { DevTokenIssuer } from "./dev-token-route.ts";

const devTokens: DevTokenIssuer = async ({ account, platform = "development" }) =>
  `${platform}/${account}`;

function ask(origin: string, host = origin, type = "application/json") {
  return {
    path: `${host}/dev/token`,
    request: {
      body: '{"account":"june"}',
      method: "POST",
      headers: { "content-type": type, ...(origin === "" ? {} : { origin }) },
      token: null,
    },
  };
}

test.each(["http://localhost:4000", "http://127.0.0.1:4000", "http://[::1]:4000"])(
  "a page of this server at %s gets a token for any account",
  async (origin) => {
    const { send } = await createTestApp({ devTokens });
    const { path, request } = ask(origin);
    const answer = await send(path, request);
    expect(await answer.json()).toEqual({ token: "development/june" });
  },
);

test.each([
  ["of another port", "http://localhost:3000", "http://localhost:4000"],
  ["of another site", "https://evil.example", "http://localhost:4000"],
  ["whose name was bound to this machine later", "http://evil.example", "http://evil.example"],
  [
    "whose name only begins like this machine's",
    "http://localhost.evil.example",
    "http://localhost.evil.example",
  ],
  ["whose name only ends like it", "http://evil-localhost", "http://evil-localhost"],
  ["without an origin of its own", "null", "http://localhost:4000"],
  ["that is none", "", "http://localhost:4000"],
])("a page %s gets none", async (_, origin, host) => {
  const { send } = await createTestApp({ devTokens });
  const { path, request } = ask(origin, host);
  const answer = await send(path, request);
  expect(answer.status).toBe(403);
  expect(await answer.json()).not.toHaveProperty("token");
});

test("a body that a foreign form could send is refused", async () => {
  const { send } = await createTestApp({ devTokens });
  const { path, request } = ask("http://localhost:4000", "http://localhost:4000", "text/plain");
  expect((await send(path, request)).status).toBe(400);
});

test("a server that was given no issuer has no such path", async () => {
  const { send } = await createTestApp();
  const { path, request } = ask("http://localhost:4000");
  expect((await send(path, request)).status).toBe(404);
});
