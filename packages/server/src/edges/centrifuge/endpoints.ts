import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { AnywireError, ERRORS, toAnywireError } from "@anywire/types";
import { z } from "zod";
import { isAllowedOrigin } from "../../config/origin.ts";
import { PROBLEM_TYPE, toProblem } from "../../http/error-responses.ts";
import { parseParams } from "./commands/parse-params.ts";
import type { Edge } from "./edge.ts";
import { jsonCodec } from "./json-codec.ts";
import { decodeEmulationRequest, type EmulationRequest, protobufCodec } from "./protobuf-codec.ts";
import { httpStreamFormat, openStream, sseFormat } from "./transports/stream.ts";
import { createWebSocketEndpoint } from "./transports/websocket.ts";

/** Where the protocol's clients come in, on its usual paths. */
export interface CentrifugeEndpoints {
  /** Answers a request on one of the protocol's paths; returns false for any other. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  /** Takes over an upgrade, or refuses it. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

const emulationSchema = z.object({ node: z.string(), session: z.string(), data: z.string() });

/**
 * The paths of the Centrifuge client protocol.
 * @see https://centrifugal.dev/docs/transports/overview
 */
export function createCentrifugeEndpoints(
  edge: Edge,
  corsOrigins: readonly string[],
): CentrifugeEndpoints {
  const upgrade = createWebSocketEndpoint(edge);
  const routes: Readonly<Record<string, { readonly method: string; readonly handle: Handler }>> = {
    "/connection/http_stream": { method: "POST", handle: httpStream },
    "/connection/sse": { method: "GET", handle: sse },
    "/emulation": { method: "POST", handle: emulate },
  };

  async function httpStream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const codec = isProtobuf(request) ? protobufCodec : jsonCodec;
    const commands = await readBody(request, edge.socket.maxFrameBytes);
    openStream(edge, response, codec, httpStreamFormat(codec), commands);
  }

  function sse(request: IncomingMessage, response: ServerResponse): void {
    const commands = urlOf(request).searchParams.get("cf_connect") ?? "";
    openStream(edge, response, jsonCodec, sseFormat, Buffer.from(commands));
  }

  async function emulate(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, 2 * edge.socket.maxFrameBytes);
    const { node, session, data } = isProtobuf(request)
      ? decodeEmulationRequest(body)
      : parseEmulationRequest(body);
    if (node === edge.node) edge.emulate(session, data);
    else await edge.emulateElsewhere(node, session, data);
    response.writeHead(204).end();
  }

  return {
    handleRequest(request, response) {
      const route = routes[pathOf(request)];
      if (route === undefined) return false;
      void answer(request, response, route.method, route.handle);
      return true;
    },
    handleUpgrade(request, socket, head) {
      if (pathOf(request) !== "/connection/websocket") {
        refuseUpgrade(socket, 404, "there is no WebSocket here; use /connection/websocket");
      } else if (!isWelcome(request, corsOrigins)) {
        refuseUpgrade(socket, 403, "this page's origin is not allowed; see http.corsOrigins");
      } else {
        upgrade(request, socket, head);
      }
    },
  };

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    handle: Handler,
  ): Promise<void> {
    try {
      allowOrigin(request, response, corsOrigins);
      if (request.method === "OPTIONS") {
        response.setHeader("access-control-allow-methods", method);
        response.setHeader("access-control-allow-headers", "content-type");
        response.writeHead(204).end();
      } else if (request.method !== method) {
        response.setHeader("allow", method);
        throw new AnywireError("method_not_found", `use ${method} on ${pathOf(request)}`);
      } else {
        await handle(request, response);
      }
    } catch (error) {
      refuse(edge, response, error);
    }
  }
}

function parseEmulationRequest(body: Buffer): EmulationRequest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new AnywireError("bad_request", "the body must be JSON", { cause });
  }
  const { node, session, data } = parseParams(emulationSchema, parsed);
  return { node, session, data: Buffer.from(data) };
}

/** Whether a page may open a WebSocket: one of this server, of an allowed origin, or no page at all. */
function isWelcome({ headers }: IncomingMessage, corsOrigins: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || isAllowedOrigin(corsOrigins, origin)) return true;
  return URL.parse(origin)?.host === host;
}

function allowOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  corsOrigins: readonly string[],
): void {
  response.setHeader("vary", "origin");
  response.setHeader("x-content-type-options", "nosniff");
  const { origin } = request.headers;
  if (origin === undefined) return;
  if (!isWelcome(request, corsOrigins)) {
    throw new AnywireError(
      "permission_denied",
      "this page's origin is not allowed; see http.corsOrigins",
    );
  }
  response.setHeader("access-control-allow-origin", origin);
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new AnywireError("bad_request", "the body broke off; send it whole", { cause });
  }
  if (size <= maxBytes) return Buffer.concat(chunks);
  throw new AnywireError("too_large", `the body has more than ${maxBytes} bytes; send less`, {
    details: { maxBytes },
  });
}

function refuse(edge: Edge, response: ServerResponse, thrown: unknown): void {
  const error = toAnywireError(thrown);
  if (error.code === "internal") edge.logger.error({ err: error.cause }, error.message);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(ERRORS[error.code].http, {
    "content-type": PROBLEM_TYPE,
    connection: "close",
  });
  response.end(JSON.stringify(toProblem(error)));
}

function refuseUpgrade(socket: Duplex, status: number, sentence: string): void {
  // Node has given the socket up to us: without a listener, a client that resets it would end the process.
  socket.on("error", () => socket.destroy());
  const title = status === 404 ? "Not Found" : "Forbidden";
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(sentence)}\r\n\r\n${sentence}`,
  );
}

function isProtobuf({ headers }: IncomingMessage): boolean {
  return headers["content-type"]?.startsWith("application/octet-stream") === true;
}

function pathOf({ url = "/" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

function urlOf({ url = "/" }: IncomingMessage): URL {
  return new URL(url, "http://localhost");
}
