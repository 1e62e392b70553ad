import { describeValue } from "./describe-value.ts";
import { badResult } from "./function-fault.ts";
import type { ResponseResult } from "./results.ts";
import { toJson } from "./to-json.ts";

/** Headers of an answer: by name, several of one name as a list, or as the platform's `Headers`. */
export type RespondHeaders = Headers | Readonly<Record<string, string | readonly string[]>>;

/** What an answer has beside its body. */
export interface RespondInit {
  /** 200 to 599. Default 200; 204 without a body. */
  readonly status?: number;
  readonly headers?: RespondHeaders;
}

type Header = readonly [name: string, value: string];

/** Statuses whose answer has no body. */
const WITHOUT_BODY: readonly number[] = [204, 205, 304];
/** What the server says of its own connection. */
const OF_THE_CONNECTION = [
  "connection",
  "content-length",
  "keep-alive",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const HEADER_NAME = /^[!#$%&'*+.^_`|~A-Za-z0-9-]{1,256}$/;
/** Visible characters of Latin-1, spaces and tabs. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const NOTHING = new Uint8Array();
const encoder = new TextEncoder();

/**
 * An answer to an HTTP request, as `RequestEvent.respond` describes it.
 * @throws {FunctionFault} `bad_result`
 */
export function respond(
  body?: unknown,
  { status, headers = {} }: RespondInit = {},
): ResponseResult {
  const [bytes, type] = encode(body);
  const given = listHeaders(headers);
  const hasType = given.some(([name]) => name === "content-type");
  return checkResponse({
    type: "response",
    status: status ?? (body === undefined ? 204 : 200),
    headers: type === undefined || hasType ? given : [["content-type", type], ...given],
    body: bytes,
  });
}

/**
 * An answer that was made as the platform's `Response`.
 * @throws {FunctionFault} `bad_result` for one that was read already, or is an error.
 */
export async function fromWebResponse(response: Response): Promise<ResponseResult> {
  if (response.bodyUsed) {
    throw badResult(
      "the body of the Response was read already; return it unread, or a clone of it",
    );
  }
  const headers = listHeaders(response.headers).filter(([name]) => {
    // Whoever fetched it decoded the body, and left the header.
    const isDecoded = name === "content-encoding" && response.url !== "";
    return !isDecoded && !OF_THE_CONNECTION.includes(name);
  });
  const body = new Uint8Array(await response.arrayBuffer());
  return checkResponse({ type: "response", status: response.status, headers, body });
}

/**
 * An answer that can be sent, without anything else that it was given.
 * @throws {FunctionFault} `bad_result`
 */
export function checkResponse({ status, headers, body }: ResponseResult): ResponseResult {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw badResult(`the status of an answer is 200 to 599, not ${describeValue(status)}`);
  }
  if (!(body instanceof Uint8Array)) {
    throw badResult(
      `the body of an answer is bytes, not ${describeValue(body)}; use event.respond`,
    );
  }
  if (WITHOUT_BODY.includes(status) && body.length > 0) {
    throw badResult(`an answer of status ${status} has no body; leave the body or the status out`);
  }
  if (!Array.isArray(headers)) {
    throw badResult(`the headers of an answer are a list, not ${describeValue(headers)}`);
  }
  return { type: "response", status, headers: headers.map(checkHeader), body: ownBytes(body) };
}

/** Bytes in a buffer of their own: one that many share, such as that of a small `Buffer`, would travel whole. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

function checkHeader(header: unknown): Header {
  const [name, value] = Array.isArray(header) ? header : [header];
  if (typeof name !== "string" || !HEADER_NAME.test(name)) {
    throw badResult(`${describeValue(name)} is no name of a header`);
  }
  if (OF_THE_CONNECTION.includes(name.toLowerCase())) {
    throw badResult(`the header ${name} is for the server to say; leave it out`);
  }
  if (typeof value === "string" && HEADER_VALUE.test(value)) return [name, value];
  throw badResult(
    `the header ${name} has a value that can't be sent, ${describeValue(value)}; encode it, without line breaks`,
  );
}

function encode(body: unknown): [bytes: Uint8Array, type: string | undefined] {
  if (body === undefined) return [NOTHING, undefined];
  if (typeof body === "string") return [encoder.encode(body), "text/plain; charset=utf-8"];
  if (body instanceof Uint8Array) return [body, "application/octet-stream"];
  if (body instanceof ArrayBuffer) return [new Uint8Array(body), "application/octet-stream"];
  return [encoder.encode(toJson(body, "the body of an answer")), "application/json"];
}

function listHeaders(headers: RespondHeaders): Header[] {
  if (headers instanceof Headers) return [...headers];
  if (typeof headers !== "object" || headers === null) {
    throw badResult(`the headers of an answer are an object, not ${describeValue(headers)}`);
  }
  return Object.entries(headers).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : [value];
    return values.map((one): Header => [name.toLowerCase(), one]);
  });
}
