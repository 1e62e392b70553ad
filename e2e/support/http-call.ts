import type { SentMessage } from "@anywire/types";
import { expect } from "vitest";
import type { TestServer } from "./start-test-server.ts";

/** An answer of the HTTP API. */
export interface HttpAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  readonly body: any;
}

/** Calls the HTTP API of a server. */
export async function callHttp(
  { url }: Pick<TestServer, "url">,
  token: string,
  method: string,
  path: string,
  json?: unknown,
): Promise<HttpAnswer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  return { status: response.status, body: await response.json() };
}

/** Has Bob say something on a channel. */
export async function say(
  server: Pick<TestServer, "url" | "token">,
  channel: string,
  text: string,
): Promise<SentMessage> {
  const token = await server.token("bob");
  const path = `/v1/channels/${channel}/messages`;
  const { status, body } = await callHttp(server, token, "POST", path, { text });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

/** A token that may manage functions. */
export function operatorToken(server: Pick<TestServer, "token">): Promise<string> {
  return server.token("ops", { platform: "anywire", manage: ["anywire.system.*"] });
}
