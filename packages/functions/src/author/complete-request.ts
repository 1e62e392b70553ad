import type { Bound } from "./definition.ts";
import type { RequestDraft } from "./event-draft.ts";
import type { RequestEventInput } from "./events.ts";
import { refused, refusing } from "./refuse-event.ts";
import { matchRequestPath, parseRequestBinding, type RequestBinding } from "./request-binding.ts";
import { toJson } from "./to-json.ts";

const ORIGIN = "http://localhost";
/** Where the functions of a server are. */
const PREFIX = "/functions";
const encoder = new TextEncoder();

/**
 * A request for an HTTP function from whatever of it is given.
 * @throws {AnywireError} `bad_request` when the function would never be run for it.
 */
export function completeRequest(
  { binding, options }: Bound,
  draft: RequestDraft,
): Omit<RequestEventInput, "trace" | "attempt"> {
  const bound = parseRequestBinding(binding) ?? { method: undefined, path: "/" };
  const url = new URL(draft.url ?? addressOf(bound, draft));
  const path = url.pathname.startsWith(`${PREFIX}/`)
    ? url.pathname.slice(PREFIX.length)
    : url.pathname;
  const params = matchRequestPath(bound.path, path);
  const method = (draft.method ?? methodOf(bound, draft)).toUpperCase();
  if (params === undefined || (bound.method !== undefined && bound.method !== method)) {
    throw refused(`the function is bound to ${binding}, and never runs for ${method} ${path}`);
  }
  const [body, type] = encode(draft.body);
  const { clientAddress = "127.0.0.1" } = draft;
  const { accountId = options.auth === "none" ? null : "bob" } = draft;
  const headers = { ...type, ...lowerCased(draft.headers) };
  return { method, path, url: url.href, params, headers, body, accountId, clientAddress };
}

function addressOf({ path: bound }: RequestBinding, { path, params }: RequestDraft): string {
  return `${ORIGIN}${PREFIX}${path ?? fill(bound, params)}`;
}

/** A bound path with something in the place of its names. */
function fill(path: string, params: Readonly<Record<string, string>> = {}): string {
  const segments = path.split("/").map((segment) => {
    if (segment === "*") return params["*"] ?? "";
    if (!segment.startsWith(":")) return segment;
    return encodeURIComponent(params[segment.slice(1)] ?? "1");
  });
  return segments.join("/");
}

function methodOf({ method }: RequestBinding, { body }: RequestDraft): string {
  return method ?? (body === undefined ? "GET" : "POST");
}

function encode(body: unknown): [bytes: Uint8Array, type: { readonly "content-type"?: string }] {
  if (body === undefined) return [new Uint8Array(), {}];
  if (body instanceof Uint8Array) return [body.slice(), {}];
  if (typeof body === "string") return [encoder.encode(body), {}];
  const json = refusing(() => toJson(body, "the body"));
  return [encoder.encode(json), { "content-type": "application/json" }];
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
