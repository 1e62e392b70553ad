import type { ServerResponse } from "node:http";
import type { CloseSpec } from "@anywire/types";
import { Batch } from "../batch.ts";
import type { Edge } from "../edge.ts";
import type { Codec } from "../protocol.ts";
import type { Transport } from "../transport.ts";

/** How messages stand in a stream. */
interface StreamFormat {
  readonly name: "http_stream" | "sse";
  readonly contentType: string;
  /** What one turn brought, as it goes into the stream. */
  chunk(batch: Batch): Buffer;
}

const NEWLINE = Buffer.from("\n");

/** Messages as lines of JSON, or one after the other in Protobuf. */
export function httpStreamFormat(codec: Codec): StreamFormat {
  const { contentType } = codec;
  const isText = codec.name === "json";
  return {
    name: "http_stream",
    contentType,
    chunk: ({ payload }) => (isText ? Buffer.concat([payload, NEWLINE]) : payload),
  };
}

/**
 * Messages as server-sent events.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export const sseFormat: StreamFormat = {
  name: "sse",
  contentType: "text/event-stream",
  chunk: ({ payload }) =>
    Buffer.from(`data: ${payload.toString("utf8").replaceAll("\n", "\ndata: ")}\n\n`),
};

/** Opens a session whose replies stream down a response, and hands it the commands that came with the request. */
export function openStream(
  edge: Edge,
  response: ServerResponse,
  codec: Codec,
  format: StreamFormat,
  commands: Buffer,
): void {
  response.writeHead(200, {
    "content-type": format.contentType,
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  response.flushHeaders();
  const session = edge.open(codec, new StreamTransport(response, codec, format));
  if (session === null) return;
  response.on("close", () => session.closed());
  response.on("drain", () => session.drained());
  session.receive(commands);
}

class StreamTransport implements Transport {
  readonly name: "http_stream" | "sse";
  readonly isEmulated = true;
  readonly #response: ServerResponse;
  readonly #codec: Codec;
  readonly #format: StreamFormat;

  constructor(response: ServerResponse, codec: Codec, format: StreamFormat) {
    this.name = format.name;
    this.#response = response;
    this.#codec = codec;
    this.#format = format;
  }

  write(batch: Batch): boolean {
    return this.#response.writableEnded || this.#response.write(this.#format.chunk(batch));
  }

  /** Commands come in requests of their own, each of which waits for its answer. */
  pause(): void {}

  resume(): void {}

  close({ code, reason }: CloseSpec): void {
    const reconnect = code < 3500 || (code >= 4000 && code < 4500);
    const push = this.#codec.push("", "disconnect", { code, reason, reconnect });
    this.#response.end(this.#format.chunk(Batch.empty(this.#codec).withOwn(push)));
  }

  terminate(): void {
    this.#response.destroy();
  }
}
