import { expect, test } from "vitest";
import { createTestContext } from "./test-context.ts";

test("a request is noted, and answered by the test", async () => {
  const { fetch, requests } = createTestContext({
    fetch: async (request) => Response.json({ got: await request.text() }, { status: 201 }),
  });
  const answer = await fetch("https://example.org/a?b=1", {
    method: "POST",
    headers: { "X-A": "1" },
    body: "hi",
    timeoutMs: 100,
  });
  expect([answer.status, await answer.json()]).toEqual([201, { got: "hi" }]);
  expect(requests).toEqual([
    {
      method: "POST",
      url: "https://example.org/a?b=1",
      headers: { "content-type": "text/plain;charset=UTF-8", "x-a": "1" },
      body: "hi",
    },
  ]);
});

test("without an answer a request is refused with words that help", async () => {
  const { fetch, requests } = createTestContext();
  await expect(fetch(new URL("https://example.org/a"))).rejects.toThrow(
    "the function fetched GET https://example.org/a, but a test reaches nothing outside; give it an answer: { fetch:",
  );
  expect(requests).toHaveLength(1);
});

test("only http and https are fetched", async () => {
  const { fetch } = createTestContext({ fetch: () => new Response() });
  await expect(fetch("file:///etc/passwd")).rejects.toMatchObject({ code: "bad_request" });
});
