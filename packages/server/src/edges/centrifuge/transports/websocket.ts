import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { CloseSpec } from "@anywire/types";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import type { Batch } from "../batch.ts";
import type { Edge } from "../edge.ts";
import { jsonCodec } from "../json-codec.ts";
import { protobufCodec } from "../protobuf-codec.ts";
import type { Codec } from "../protocol.ts";
import type { Session } from "../session.ts";
import type { Transport } from "../transport.ts";

const JSON_SUBPROTOCOL = "centrifuge-json";
const PROTOBUF_SUBPROTOCOL = "centrifuge-protobuf";

/** How long a client that was sent away may take to say so too, ms: one that is gone without a word keeps no server from stopping. */
const FAREWELL_MS = 3000;

/** A WebSocket that knows its session, so that one listener serves all of them. */
class SessionSocket extends WebSocket {
  session: Session | null = null;
}

/** The raw socket below a WebSocket, which also leads to the session. */
type SessionDuplex = Duplex & { session?: Session };

/**
 * Takes over upgrade requests on `/connection/websocket`.
 * @see https://www.rfc-editor.org/rfc/rfc6455
 */
export function createWebSocketEndpoint(
  edge: Edge,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const options = {
    noServer: true,
    WebSocket: SessionSocket,
    clientTracking: false,
    maxPayload: edge.socket.maxFrameBytes,
    perMessageDeflate: edge.socket.compression && { threshold: 1024 },
    handleProtocols: chooseSubprotocol,
    // Not in the types of `ws` yet, so not written into the call.
    closeTimeout: FAREWELL_MS,
  };
  const server = new WebSocketServer(options);
  return (request, socket, head) => {
    const isProtobuf = wantsProtobuf(request);
    server.handleUpgrade(request, socket, head, (webSocket) => {
      open(edge, webSocket, socket, isProtobuf);
    });
  };
}

function chooseSubprotocol(offered: Set<string>): string | false {
  if (offered.has(PROTOBUF_SUBPROTOCOL)) return PROTOBUF_SUBPROTOCOL;
  return offered.has(JSON_SUBPROTOCOL) ? JSON_SUBPROTOCOL : false;
}

/** Older SDKs choose the encoding by a parameter instead of the subprotocol. */
function wantsProtobuf({ url = "" }: IncomingMessage): boolean {
  return /[?&](?:cf_protocol|format)=protobuf(?:&|$)/.test(url);
}

function open(edge: Edge, webSocket: SessionSocket, socket: Duplex, isProtobuf: boolean): void {
  webSocket.on("error", ignore);
  const isBinary = isProtobuf || webSocket.protocol === PROTOBUF_SUBPROTOCOL;
  const codec: Codec = isBinary ? protobufCodec : jsonCodec;
  const isCompressed = webSocket.extensions !== "";
  const session = edge.open(codec, new WebSocketTransport(webSocket, socket, isCompressed));
  if (session === null) return;
  webSocket.session = session;
  (socket as SessionDuplex).session = session;
  webSocket.on("message", onMessage);
  webSocket.on("close", onClose);
  socket.on("drain", onDrain);
}

function onMessage(this: WebSocket, data: RawData): void {
  (this as SessionSocket).session?.receive(data as Buffer);
}

function onClose(this: WebSocket): void {
  (this as SessionSocket).session?.closed();
}

function onDrain(this: Duplex): void {
  (this as SessionDuplex).session?.drained();
}

/** Bad frames and resets: `ws` closes the connection, and `close` follows. */
function ignore(): void {}

class WebSocketTransport implements Transport {
  readonly name = "websocket";
  readonly isEmulated = false;
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #isCompressed: boolean;

  constructor(webSocket: WebSocket, socket: Duplex, isCompressed: boolean) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#isCompressed = isCompressed;
  }

  write(batch: Batch): boolean {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return true;
    // The frame is whole and shared between connections: it goes past `ws`, which would frame it again.
    if (!this.#isCompressed) return this.#socket.write(batch.frame);
    this.#webSocket.send(batch.payload, { binary: batch.isBinary });
    return !this.#socket.writableNeedDrain;
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  close({ code, reason }: CloseSpec): void {
    this.#webSocket.resume();
    this.#webSocket.close(code, reason);
  }

  terminate(): void {
    this.#webSocket.terminate();
  }
}
