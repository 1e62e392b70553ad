import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createApiClient } from "./api-client.ts";

// It said that no server answers there, and how to start one.
test("a server that is there and does not answer in time is no server that is not there", async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}`);
  await expect(createApiClient(url, "token", 20).call("GET", "/v1/functions")).rejects.toThrow(
    `the server at ${url.origin} gave no answer in time`,
  );
});

test("where no server listens, it says how to start one", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const url = new URL(`http://127.0.0.1:${port}`);
  await expect(createApiClient(url, "token").call("GET", "/v1/functions")).rejects.toThrow(
    `no server answers at ${url.origin}: start one`,
  );
});
