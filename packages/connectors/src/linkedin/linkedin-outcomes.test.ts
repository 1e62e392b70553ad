import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { SendResult } from "../contract/send.ts";
import { jobFor } from "../wire/network-under-test.fixture.ts";
import { linkedin } from "./linkedin-connector.ts";

/** What becomes of a message that LinkedIn answers so. */
async function outcome(
  status: number,
  body: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<SendResult> {
  const server = createServer((_request, response) => {
    response.writeHead(status, headers).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return linkedin.send(jobFor("linkedin:ann-8Rk2xW", "Hello"), {
    id: "li",
    platform: "production",
    settings: linkedin.configSchema.parse({
      memberId: "bob-Yk41sQ",
      baseUrl: `http://127.0.0.1:${port}/`,
    }),
    secrets: { accessToken: ["token"], clientSecret: ["secret"] },
    webhookUrl: "https://chat.test/v1/webhooks/li",
    now: Date.now,
  });
}

test.each([
  [401, { serviceErrorCode: 65601, message: "The token has been revoked" }, "auth", "65601"],
  [403, { serviceErrorCode: 100, message: "Not enough permissions" }, "auth", "100"],
  [404, {}, "invalid_recipient", "404"],
  [400, { message: "Invalid recipients" }, "invalid_recipient", "400"],
  [413, {}, "too_large", "413"],
  [422, { message: "Body contains HTML" }, "content_rejected", "422"],
  [429, { message: "Daily limit reached" }, "quota_exhausted", "429"],
  [503, {}, "network", "503"],
])("%i with %j is rejected as %s", async (status, body, klass, code) => {
  expect(await outcome(status, body)).toMatchObject({ outcome: "rejected", class: klass, code });
});

test.each([200, 202, 302, 500, 502, 504])("%i does not say whether it arrived", async (status) => {
  expect(await outcome(status)).toMatchObject({ outcome: "unknown" });
});

test("a message is taken only where it has a name", async () => {
  expect(await outcome(201, {}, { "x-linkedin-id": "UzEy" })).toEqual({
    outcome: "accepted",
    externalIds: ["UzEy"],
  });
  expect(await outcome(201)).toMatchObject({ outcome: "unknown" });
});
