import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { callNetwork } from "./network-call.ts";

type Handler = Parameters<typeof createServer>[1];

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler ?? (() => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`;
}

function call(url: string, signal: AbortSignal = AbortSignal.timeout(10_000)) {
  return callNetwork({
    url,
    method: "POST",
    headers: { authorization: "secret" },
    body: "x",
    signal,
  });
}

test("an answer is given as it came, whatever its status", async () => {
  const url = await serve((_request, response) => {
    response.writeHead(503, { "retry-after": "7" });
    response.end("later");
  });
  const result = await call(url);
  expect(result).toMatchObject({ kind: "answered", status: 503, text: "later" });
  expect(result.kind === "answered" && result.headers.get("retry-after")).toBe("7");
});

test("a request to where nobody listens never left, and the reason names no URL", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  expect(await call(`http://127.0.0.1:${port}/secret`)).toEqual({
    kind: "never_left",
    reason: "ECONNREFUSED",
  });
});

test("a connection that breaks before or within the answer leaves it unclear", async () => {
  const before = await serve((request) => void request.socket.destroy());
  const within = await serve((_request, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("half", () => response.destroy());
  });
  for (const url of [before, within]) {
    expect(await call(url)).toEqual({ kind: "unclear", reason: "the connection broke off" });
  }
});

test("a redirect is an answer and is not followed: the message would go out a second time", async () => {
  let calls = 0;
  const url = await serve((_request, response) => {
    calls += 1;
    response.writeHead(307, { location: "/again" });
    response.end();
  });
  expect(await call(url)).toMatchObject({ kind: "answered", status: 307 });
  expect(calls).toBe(1);
});

test("an answer without end is not read to it", async () => {
  const url = await serve((_request, response) => {
    const more = () => {
      while (response.write("x".repeat(65_536)));
      response.once("drain", more);
    };
    more();
  });
  expect(await call(url)).toEqual({ kind: "unclear", reason: "the connection broke off" });
});

test("a signal that aborts while it waits leaves it unclear; one that has before, lets nothing leave", async () => {
  let calls = 0;
  const end = new AbortController();
  const url = await serve(() => {
    calls += 1;
    end.abort();
  });
  expect(await call(url, end.signal)).toMatchObject({ kind: "unclear" });
  expect(await call(url, end.signal)).toMatchObject({ kind: "never_left" });
  expect(calls).toBe(1);
});
