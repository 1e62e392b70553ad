import { type AnywireClient, createClient } from "@anywire/client";
import type { JWTPayload } from "jose";
import { onTestFinished } from "vitest";
import type { Reachable } from "./sdk-client.ts";

/** Whoever has these may do what follows from the channels it takes part in. */
export const NO_PATTERNS = { subscribe: [], publish: [] };

/** How a client differs from the others. */
export interface TestClientOptions {
  /** Default: what follows from the channels it takes part in, and nothing else. */
  readonly claims?: JWTPayload;
  /** Default: 20. */
  readonly maxReconnectDelayMs?: number;
}

/** A client of ours that is not connected yet; it is disconnected when the test is finished. */
export async function createTestClient(
  server: Reachable,
  account: string,
  { claims = NO_PATTERNS, maxReconnectDelayMs = 20 }: TestClientOptions = {},
): Promise<AnywireClient> {
  const token = await server.token(account, claims);
  const client = createClient({ url: server.url, token, maxReconnectDelayMs });
  onTestFinished(() => client.disconnect());
  return client;
}

/** The same, connected; its account is known, so that others can open channels with it. */
export async function connectClient(
  server: Reachable,
  account: string,
  options?: TestClientOptions,
): Promise<AnywireClient> {
  const client = await createTestClient(server, account, options);
  client.connect();
  await client.call("me.snapshot");
  return client;
}
