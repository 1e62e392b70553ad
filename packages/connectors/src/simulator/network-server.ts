import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Faults } from "./faults.ts";

/** A request that a connector made to a simulator. */
export interface NetworkRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a network answers. */
export interface NetworkAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Answers one request. */
export type NetworkHandler = (request: NetworkRequest) => NetworkAnswer | Promise<NetworkAnswer>;

/** A network's API on loopback. */
export interface NetworkServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  close(): Promise<void>;
}

/** How a network answers what it can't take now. */
export interface FaultAnswers {
  /** Whether a request is one of those that send something: only they are struck by faults. */
  isSend(request: NetworkRequest): boolean;
  rateLimited(retryAfterMs: number): NetworkAnswer;
  serverError(): NetworkAnswer;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

const HTML: NetworkAnswer = {
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<!doctype html><title>Maintenance</title><p>We will be back soon.",
};

/** JSON as an answer. */
export function json(body: unknown, status = 200): NetworkAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** Starts a network's API on a free port of the loopback interface. Its sends are struck by the faults. */
export async function startNetworkServer(
  handle: NetworkHandler,
  faults: Faults,
  answers: FaultAnswers,
): Promise<NetworkServer> {
  const server = createServer((request, response) => {
    void serve(request, response, handle, faults, answers).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        // Whoever called it from this process learns in the next turns that its connections are closed.
        server.close(() => setTimeout(resolve, 1));
        server.closeAllConnections();
      }),
  };
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  handle: NetworkHandler,
  faults: Faults,
  answers: FaultAnswers,
): Promise<void> {
  const request = await read(incoming);
  if (!answers.isSend(request)) return write(response, await handle(request));
  const before = faults.take("rate_limit", "server_error", "html");
  if (before?.kind === "rate_limit") {
    const answer = answers.rateLimited(before.retryAfterMs);
    return write(response, before.asDate === true ? datedAnswer(answer, before) : answer);
  }
  if (before?.kind === "server_error") return write(response, answers.serverError());
  if (before?.kind === "html") return write(response, HTML);
  const after = faults.take("accept_then_hang", "accept_then_close");
  const answer = await handle(request);
  if (after?.kind === "accept_then_hang") return;
  if (after?.kind === "accept_then_close") {
    // Says how long it will be, and breaks off after the first half.
    const bytes = Buffer.from(answer.body);
    response.writeHead(answer.status, { ...answer.headers, "content-length": bytes.length });
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
    return;
  }
  write(response, answer);
}

/** Names the moment where the answer has the header `Retry-After`. */
function datedAnswer(
  answer: NetworkAnswer,
  { retryAfterMs }: { readonly retryAfterMs: number },
): NetworkAnswer {
  const date = new Date(Date.now() + retryAfterMs).toUTCString();
  const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => [
    name,
    name.toLowerCase() === "retry-after" ? date : value,
  ]);
  return { ...answer, headers: Object.fromEntries(headers) };
}

async function read(incoming: IncomingMessage): Promise<NetworkRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("the body is too large");
    chunks.push(chunk);
  }
  const url = new URL(incoming.url ?? "/", "http://simulator");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks),
  };
}

function write(response: ServerResponse, { status, headers, body }: NetworkAnswer): void {
  response.writeHead(status, headers);
  response.end(body);
}
