import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { problemSchema } from "@anywire/types";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestApp, type TestApp } from "./create-test-app.fixture.ts";
import { createHttpListener } from "./http-listener.ts";

const server = createServer();
let testApp: TestApp;
let port = 0;
let url = "";

beforeAll(async () => {
  testApp = await createTestApp();
  const listener = createHttpListener(testApp.app);
  server.on("request", (request, response) => void listener(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
  url = `http://127.0.0.1:${port}`;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** Sends bytes as they are and gives the whole answer. */
async function exchange(request: string): Promise<{ head: string; body: string }> {
  const socket = connect(port, "127.0.0.1");
  socket.write(request);
  const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
  return { head, body };
}

test("a request that makes no URL is refused as every other error is", async () => {
  for (const host of ["a b", "a:b:c", "localhost/x"]) {
    const { head, body } = await exchange(
      `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    expect(head).toContain("400 Bad Request");
    expect(head).toContain("application/problem+json");
    expect(body).toContain('"code":"bad_request"');
  }
});

test("an answer comes through the socket as the app gave it", async () => {
  const answer = await fetch(`${url}/health`);
  expect(await answer.json()).toEqual({ status: "ok", version: "1.2.3" });
  expect(answer.headers.get("x-powered-by")).toBeNull();
  expect(testApp.debugLines.at(-1)).toMatchObject({ from: "127.0.0.1", path: "/health" });
});

test("a body without a length is refused while it is still coming", async () => {
  const chunk = new TextEncoder().encode(" ".repeat(4096));
  let chunks = 0;
  const body = new ReadableStream({
    pull(controller) {
      chunks += 1;
      if (chunks > 10_000) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const token = await testApp.issue({ publish: ["production.>"] });
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body,
    duplex: "half",
  };
  const answer = await fetch(`${url}/v1/channels/production.group.lobby/messages`, init);
  expect(problemSchema.parse(await answer.json())).toMatchObject({ code: "too_large" });
  expect(chunks).toBeLessThan(10_000);
});
