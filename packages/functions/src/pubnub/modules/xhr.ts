import type { FunctionFetchInit } from "../../author/context.ts";
import { currentContext } from "../current-run.ts";
import { badArgument } from "../unsupported.ts";

const ENCODINGS: ReadonlySet<string> = new Set<BufferEncoding>([
  "utf8",
  "utf-8",
  "ascii",
  "latin1",
  "binary",
  "base64",
  "hex",
]);

/** `http_options` of PubNub. */
export interface XhrOptions {
  /** Default `GET`. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text or bytes; an object or array is sent as JSON. */
  readonly body?: unknown;
  /** How the answer's body is made a text. Default `utf8`. */
  readonly encoding?: string;
  /** Ms. Default 5,000. */
  readonly timeout?: number;
}

/** What came back, whatever its status. */
export interface XhrResponse {
  readonly status: number;
  readonly statusText: string;
  /** Whether the status is 200 to 299. */
  readonly ok: boolean;
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  json(): Promise<unknown>;
  text(): Promise<string>;
}

/**
 * `xhr` of PubNub, on the `fetch` of the run.
 * @see https://www.pubnub.com/docs/serverless-sdk/modules-and-libraries/xhr
 */
export const xhr = {
  /** Resolves for every status; rejects when there was no answer. */
  async fetch(url: string, options: XhrOptions = {}): Promise<XhrResponse> {
    const encoding = options.encoding ?? "utf8";
    if (!isEncoding(encoding)) {
      throw badArgument(
        "xhr.fetch",
        `"${encoding}" is no encoding of a body, such as utf8 or base64`,
      );
    }
    const response = await currentContext().fetch(url, fetchInit(options));
    const body = Buffer.from(await response.arrayBuffer()).toString(encoding);
    return {
      status: response.status,
      statusText: response.statusText,
      ok: response.ok,
      url: response.url,
      headers: Object.fromEntries(response.headers),
      body,
      json: async () => JSON.parse(body) as unknown,
      text: async () => body,
    };
  },
};

function isEncoding(text: string): text is BufferEncoding {
  return ENCODINGS.has(text);
}

function fetchInit({ method, headers, body, timeout }: XhrOptions): FunctionFetchInit {
  const isJson = typeof body === "object" && body !== null && !ArrayBuffer.isView(body);
  const sent = new Headers(headers);
  if (isJson && !sent.has("content-type")) sent.set("content-type", "application/json");
  return {
    method: method ?? "GET",
    headers: sent,
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(body === undefined || body === null
      ? {}
      : { body: isJson ? JSON.stringify(body) : (body as string | Uint8Array<ArrayBuffer>) }),
  };
}
