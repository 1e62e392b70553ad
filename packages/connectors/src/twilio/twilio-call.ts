import type { Twilio } from "twilio";
import type { ConnectionContext } from "../contract/context.ts";
import { secretOf } from "../contract/context.ts";
import { callNetwork, type NetworkCallResult } from "../wire/network-call.ts";
import type { TwilioSettings } from "./twilio-settings.ts";

type Options = NonNullable<ConstructorParameters<typeof Twilio>[2]>;
type HttpClient = NonNullable<Options["httpClient"]>;
type HttpRequest = Parameters<HttpClient["request"]>[0];
type HttpResponse = Awaited<ReturnType<HttpClient["request"]>>;

/** Twilio's own client for one call, and what really became of that call. */
export interface TwilioCall {
  readonly client: Twilio;
  /** Undefined when the client did not come so far as to call. */
  result(): NetworkCallResult | undefined;
}

/** The user name and password of the API. */
export function credentialsOf(
  context: ConnectionContext<TwilioSettings>,
): readonly [string, string] {
  const { accountSid, apiKeySid } = context.settings;
  if (apiKeySid !== undefined) return [apiKeySid, secretOf(context, "apiKeySecret")];
  return [accountSid, secretOf(context, "authToken")];
}

/**
 * Twilio's own client, which calls the connection's `baseUrl` instead of the host that it makes up, once, and is cut off by the
 * signal. Its own errors do not tell whether a request has left; the result does.
 */
export async function createTwilioCall(
  context: ConnectionContext<TwilioSettings>,
  signal: AbortSignal,
): Promise<TwilioCall> {
  const { Twilio } = await loadTwilio();
  const { accountSid, baseUrl } = context.settings;
  const [username, password] = credentialsOf(context);
  let result: NetworkCallResult | undefined;
  const request = async (call: HttpRequest): Promise<HttpResponse> => {
    result = await callNetwork({ ...requestOf(call, baseUrl, username, password), signal });
    if (result.kind !== "answered") throw new Error(result.reason);
    return { statusCode: result.status, body: result.text } as HttpResponse;
  };
  // The client uses nothing of it but `request`; the class would make an agent and a copy of axios for each message.
  const httpClient = { request } as unknown as HttpClient;
  const client = new Twilio(username, password, { accountSid, httpClient, autoRetry: false });
  return { client, result: () => result };
}

let loading: Promise<typeof import("twilio")> | undefined;

/** Loads the client with the first message; asking Node.js for it with every one costs more than the client itself. */
function loadTwilio(): Promise<typeof import("twilio")> {
  loading ??= importTwilio();
  return loading;
}

async function importTwilio(): Promise<typeof import("twilio")> {
  const loaded = await import("twilio");
  // A CommonJS module: what it exports is under `default`.
  return "default" in loaded ? (loaded.default as typeof import("twilio")) : loaded;
}

function requestOf(call: HttpRequest, baseUrl: string, username: string, password: string) {
  const { pathname } = new URL(call.uri);
  const query = form(call.params);
  const url = `${baseUrl.replace(/\/+$/, "")}${pathname}${query === "" ? "" : `?${query}`}`;
  const credentials = Buffer.from(`${username}:${password}`).toString("base64");
  const headers = { ...stringHeaders(call.headers), authorization: `Basic ${credentials}` };
  const method = call.method.toUpperCase();
  return method === "GET"
    ? { url, method, headers }
    : { url, method, headers, body: form(call.data) };
}

function stringHeaders(headers: unknown): Record<string, string> {
  const given = Object.entries((headers ?? {}) as Record<string, unknown>);
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** As a form; of a list each value by itself. */
function form(data: unknown): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries((data ?? {}) as Record<string, unknown>)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) parameters.append(name, String(one));
    }
  }
  return parameters.toString();
}
