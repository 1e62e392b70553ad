import { type AnywireClient, createClient } from "@anywire/client";
import type { JWTPayload } from "jose";
import { onTestFinished } from "vitest";
import type { TestServer } from "./start-test-server.ts";

/** Whoever has these may do what follows from the channels it takes part in. */
const NO_PATTERNS = { subscribe: [], publish: [] };

/** A client of ours that is not connected yet; it is disconnected when the test is finished. */
export async function createTestClient(
  server: TestServer,
  account: string,
  claims: JWTPayload = NO_PATTERNS,
): Promise<AnywireClient> {
  const token = await server.token(account, claims);
  const client = createClient({ url: server.url, token, maxReconnectDelayMs: 20 });
  onTestFinished(() => client.disconnect());
  return client;
}

/** The same, connected; its account is known, so that others can open channels with it. */
export async function connectClient(
  server: TestServer,
  account: string,
  claims?: JWTPayload,
): Promise<AnywireClient> {
  const client = await createTestClient(server, account, claims);
  client.connect();
  await client.call("me.snapshot");
  return client;
}
