import { once } from "node:events";
import { connect, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";
const CHUNKS_END = "0\r\n\r\n";

/** A connection over which one HTTP request goes after the other, with as little work as possible. */
export class KeptConnection {
  readonly #socket: Socket;
  #received = "";
  #onStatus: ((status: number) => void) | undefined;

  private constructor(socket: Socket, onClose: (reason: string) => void) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.#take(text));
    socket.on("error", (error) => onClose(error.message));
    socket.on("close", () => onClose("closed by the server"));
  }

  /** Connects; `onClose` is told when the server ends it. */
  static async open(port: number, onClose: (reason: string) => void): Promise<KeptConnection> {
    const socket = connect({ port, host: "127.0.0.1" });
    await once(socket, "connect");
    return new KeptConnection(socket, onClose);
  }

  /** Sends a whole request; wait for the status before the next. */
  send(request: Buffer, onStatus: (status: number) => void): void {
    this.#onStatus = onStatus;
    this.#socket.write(request);
  }

  /** Drops the connection. */
  destroy(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const head = this.#received.indexOf(HEAD_END);
    if (head < 0 || !this.#isWhole(head)) return;
    const status = Number(this.#received.slice(9, 12));
    this.#received = "";
    this.#onStatus?.(status);
  }

  #isWhole(head: number): boolean {
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received.slice(0, head))?.[1];
    if (length === undefined) return this.#received.endsWith(CHUNKS_END);
    return this.#received.length >= head + HEAD_END.length + Number(length);
  }
}
