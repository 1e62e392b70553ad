import type { Inbound } from "@anywire/connectors/host";
import { BodyBudget, type BodyLease } from "@anywire/connectors/wire";
import { AnywireError, connectionIdSchema } from "@anywire/types";
import type { Context } from "hono";
import type { ApiOperation, ApiRoute } from "./api-operation.ts";
import { readBodyBytes } from "./json-body.ts";

/** What taking webhooks in needs. */
export interface WebhookRoutesOptions {
  readonly inbound: Pick<Inbound, "receive" | "maxBodyBytes">;
  readonly http: {
    readonly trustProxy: boolean;
    /** Where the public reaches the server; default: what each request says. */
    readonly publicUrl?: string | undefined;
  };
}

/** So many of the largest bodies are held at a time, whoever sends them; nearly all webhooks are far smaller, and do not count. */
const LARGEST_AT_ONCE = 8;
const SMALL = 1 / 100;

const WITHOUT_BODY = new Set([204, 205, 304]);

const shared = {
  path: "/v1/webhooks/{connection}",
  tag: "Connections",
  needsToken: false,
  parameters: { connection: { schema: connectionIdSchema, example: "sms-main" } },
  errors: ["unauthenticated", "not_found", "too_large", "unavailable", "storage_full"],
} as const satisfies Partial<ApiOperation>;

const OPERATIONS: readonly ApiOperation[] = [
  {
    ...shared,
    method: "POST",
    id: "receiveWebhook",
    summary: "Hear from a network",
    description:
      "What a network calls: the connection's `webhookUrl`. Answered once the request is stored, with what the network wants to hear. A request that is not signed as the connection's network signs is refused, and nothing of it is kept.",
    body: { example: "(whatever the network sends)" },
    answers: { 200: { description: "It is stored.", example: "" } },
  },
  {
    ...shared,
    method: "GET",
    id: "challengeWebhook",
    summary: "Answer a network's challenge",
    description: "By which some networks find out whether a URL is the right one.",
    answers: { 200: { description: "The answer to the challenge.", example: "1158201444" } },
  },
];

/** `/v1/webhooks/{connection}`: where networks call. */
export function createWebhookRoutes(options: WebhookRoutesOptions): ApiRoute[] {
  const { maxBodyBytes } = options.inbound;
  const budget = new BodyBudget(LARGEST_AT_ONCE * maxBodyBytes, maxBodyBytes * SMALL);
  const handle = async (context: Context): Promise<Response> => {
    // Held until it is stored: nobody has vouched for it before.
    const lease = budget.open();
    try {
      return await receive(options, context, lease);
    } finally {
      lease.release();
    }
  };
  return OPERATIONS.map((operation) => ({ operation, handle }));
}

async function receive(
  { inbound, http }: WebhookRoutesOptions,
  context: Context,
  lease: BodyLease,
): Promise<Response> {
  const { req } = context;
  const { status, headers, body } = await inbound.receive(req.param("connection") ?? "", {
    method: req.method,
    url: publicUrl(context, http),
    headers: req.header(),
    body: await readBody(req.raw, inbound.maxBodyBytes, lease),
  });
  return new Response(WITHOUT_BODY.has(status) ? null : (body ?? ""), {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

async function readBody(request: Request, maxBytes: number, lease: BodyLease): Promise<Uint8Array> {
  try {
    return await readBodyBytes(
      isSmall(request, maxBytes) ? request : counted(request, lease),
      maxBytes,
    );
  } catch (thrown) {
    if (!(thrown instanceof AnywireError) || thrown.code !== "too_large") throw thrown;
    throw new AnywireError("too_large", `the body is larger than ${maxBytes} bytes`);
  }
}

/** By what it says of its length; then no more comes than that. */
function isSmall({ headers, body }: Request, maxBytes: number): boolean {
  if (body === null) return true;
  const length = Number(headers.get("content-length") ?? Number.NaN);
  return !headers.has("transfer-encoding") && length <= maxBytes * SMALL;
}

function counted({ url, method, body }: Request, lease: BodyLease): Request {
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      lease.take(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  const counted = body?.pipeThrough(counting) ?? null;
  return new Request(url, { method, body: counted, duplex: "half" } as RequestInit);
}

/** The URL as the network called it: signatures are made over it, and a proxy may have changed it on the way. */
function publicUrl(context: Context, http: WebhookRoutesOptions["http"]): string {
  const url = new URL(context.req.url);
  const path = url.pathname + url.search;
  if (http.publicUrl !== undefined) return http.publicUrl.replace(/\/+$/, "") + path;
  if (!http.trustProxy) return url.href;
  const scheme = lastHop(context, "x-forwarded-proto") ?? url.protocol.slice(0, -1);
  const host = lastHop(context, "x-forwarded-host") ?? url.host;
  return URL.parse(`${scheme}://${host}${path}`)?.href ?? url.href;
}

/** Of several hops only the last is the trusted proxy's own word. */
function lastHop(context: Context, name: string): string | undefined {
  return context.req.header(name)?.split(",").at(-1)?.trim() || undefined;
}
