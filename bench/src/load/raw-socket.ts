import { connect, type Socket } from "node:net";
import { clientFrame } from "./client-frame.ts";
import { FrameParser } from "./frame-parser.ts";

const HEADER_END = "\r\n\r\n";
// Every socket reads into the same memory: the bytes are counted before the next read begins.
const shared = Buffer.allocUnsafe(64 * 1024);

/** Where to connect. */
export interface RawSocketOptions {
  readonly port: number;
  readonly path: string;
  /** Called with each piece of a frame's payload; the bytes are valid during the call only. */
  readonly onPayload: (buffer: Buffer, start: number, end: number, isLast: boolean) => void;
  /** Called when the server ends the connection or it breaks. */
  readonly onClose: (reason: string) => void;
}

/** A WebSocket client that does as little as possible, so that the load costs less than what it measures. */
export class RawSocket {
  /** Bytes read, without the answer to the upgrade. */
  bytes = 0;
  readonly #parser: FrameParser;
  readonly #socket: Socket;
  #upgrade: { answer: string; done: (error?: Error) => void } | undefined;

  private constructor(options: RawSocketOptions, opened: (error?: Error) => void) {
    this.#parser = new FrameParser(options.onPayload);
    this.#upgrade = { answer: "", done: opened };
    this.#socket = connect({
      port: options.port,
      host: "127.0.0.1",
      noDelay: true,
      onread: { buffer: shared, callback: (bytes) => this.#read(bytes) },
    });
    this.#socket.on("connect", () => this.#socket.write(upgradeRequest(options)));
    this.#socket.on("error", (error) => this.#close(options, error.message));
    this.#socket.on("close", () => this.#close(options, "closed by the server"));
  }

  /** Connects and upgrades. */
  static open(options: RawSocketOptions): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      const socket: RawSocket = new RawSocket(options, (error) => {
        if (error === undefined) resolve(socket);
        else reject(error);
      });
    });
  }

  /** Frames read to their end. */
  get frames(): number {
    return this.#parser.frames;
  }

  /** Sends one text frame. */
  send(text: string): void {
    this.#socket.write(clientFrame(text));
  }

  /** Drops the connection at once, so that its port is free for the next. */
  destroy(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.removeAllListeners("error");
    this.#socket.on("error", () => undefined);
    this.#socket.resetAndDestroy();
  }

  #read(bytes: number): boolean {
    if (this.#upgrade === undefined) {
      this.bytes += bytes;
      this.#parser.push(shared, 0, bytes);
      return true;
    }
    this.#readUpgrade(this.#upgrade, bytes);
    return true;
  }

  #readUpgrade(upgrade: { answer: string; done: (error?: Error) => void }, bytes: number): void {
    const before = upgrade.answer.length;
    upgrade.answer += shared.toString("latin1", 0, bytes);
    const end = upgrade.answer.indexOf(HEADER_END);
    if (end < 0) return;
    this.#upgrade = undefined;
    if (!upgrade.answer.startsWith("HTTP/1.1 101")) {
      upgrade.done(new Error(`the server refused the upgrade: ${upgrade.answer.slice(0, 200)}`));
      return;
    }
    // The socket is handed out first: frames may come in the same packet as the answer.
    upgrade.done();
    const start = end + HEADER_END.length - before;
    this.bytes += bytes - start;
    this.#parser.push(shared, start, bytes);
  }

  #close(options: RawSocketOptions, reason: string): void {
    if (this.#upgrade !== undefined) this.#upgrade.done(new Error(reason));
    else options.onClose(reason);
  }
}

function upgradeRequest({ path, port }: RawSocketOptions): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ]
    .join("\r\n")
    .concat(HEADER_END);
}
