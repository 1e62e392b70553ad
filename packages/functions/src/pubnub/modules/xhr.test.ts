import { expect, test, vi } from "vitest";
import { createTestContext } from "../../author/testing/test-context.ts";
import type { TestFetch } from "../../author/testing/test-fetch.ts";
import { runAsCurrent } from "../current-run.ts";
import { type XhrOptions, xhr } from "./xhr.ts";

const URL_OF_IT = "https://api.example.org/things";

/** Fetches in a run, and gives what was sent and what came back. */
async function fetchInRun(options?: XhrOptions, answer: TestFetch = () => new Response("")) {
  const context = createTestContext({ fetch: answer });
  const response = await runAsCurrent(context, () => xhr.fetch(URL_OF_IT, options));
  return { response, request: context.requests[0] };
}

test("without options it is a GET, and the body of the answer is a text", async () => {
  const { response, request } = await fetchInRun(undefined, () =>
    Response.json({ ip: "::1" }, { status: 201, headers: { "X-Limit": "7" } }),
  );
  expect(request).toMatchObject({ method: "GET", url: URL_OF_IT, body: "" });
  expect(response).toMatchObject({ status: 201, ok: true, body: '{"ip":"::1"}' });
  expect(response.headers).toMatchObject({ "x-limit": "7", "content-type": "application/json" });
  expect(await response.json()).toEqual({ ip: "::1" });
  expect(await response.text()).toBe(response.body);
});

test("method, headers and body are sent", async () => {
  const { request } = await fetchInRun({
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", Authorization: "Basic x" },
    body: "foo=bar",
  });
  expect(request).toMatchObject({
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", authorization: "Basic x" },
    body: "foo=bar",
  });
});

test("an object is sent as JSON, bytes as they are", async () => {
  const json = await fetchInRun({ method: "PUT", body: { text: "hi" } });
  expect(json.request).toMatchObject({
    body: '{"text":"hi"}',
    headers: { "content-type": "application/json" },
  });
  const bytes = await fetchInRun({ method: "PUT", body: new TextEncoder().encode("raw") });
  expect(bytes.request).toMatchObject({ body: "raw" });
});

test.each([404, 500])("an answer of status %i is an answer", async (status) => {
  const { response } = await fetchInRun({}, () => new Response("no", { status }));
  expect(response).toMatchObject({ status, ok: false, body: "no" });
});

test("the body can be given in another encoding", async () => {
  const answer = () => new Response(new Uint8Array([0xff, 0x00]));
  const { response } = await fetchInRun({ encoding: "base64" }, answer);
  expect(response.body).toBe("/wA=");
  await expect(fetchInRun({ encoding: "klingon" })).rejects.toThrow(
    '"klingon" is no encoding of a body',
  );
});

test("the timeout is that of the run's fetch", async () => {
  const context = createTestContext({ fetch: () => new Response("") });
  const fetch = vi.spyOn(context, "fetch");
  await runAsCurrent(context, () => xhr.fetch(URL_OF_IT, { timeout: 700 }));
  expect(fetch).toHaveBeenCalledWith(URL_OF_IT, expect.objectContaining({ timeoutMs: 700 }));
});

test("without an answer it rejects", async () => {
  const answer = () => Promise.reject(new TypeError("fetch failed"));
  await expect(fetchInRun({}, answer)).rejects.toThrow("fetch failed");
});
