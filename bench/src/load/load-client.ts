import type { OpeningStep, Wire, WireClient } from "../wires/wire.ts";
import { MARKER } from "./message-text.ts";
import { RawSocket } from "./raw-socket.ts";

const MARKER_BYTE = MARKER.charCodeAt(0);
const ANSWER_MS = 30_000;

/** What one client needs. */
export interface LoadClientOptions {
  readonly port: number;
  readonly wire: Wire;
  readonly client: WireClient;
  /** Called with the number of messages in each piece that arrives. */
  readonly onMessages?: (client: LoadClient, count: number) => void;
  /** Called when the connection ends by itself after it was open. */
  readonly onClose?: (reason: string) => void;
}

/** One connection of the load: it counts messages, and decodes texts only for who asks. */
export class LoadClient {
  /** Messages counted so far. */
  received = 0;
  /** While it is set, every frame is decoded for it as well. */
  onText: ((text: string) => void) | undefined;
  /** What the server answered to the last step of opening. */
  lastAnswer = "";
  readonly #options: LoadClientOptions;
  readonly #heartbeatLine: Buffer | undefined;
  #socket: RawSocket | undefined;
  #onClose: ((reason: string) => void) | undefined;
  #pieces: Buffer[] = [];

  private constructor(options: LoadClientOptions) {
    this.#options = options;
    const ask = options.wire.heartbeat?.ask;
    this.#heartbeatLine = ask === undefined ? undefined : Buffer.from(`\n${ask}`);
  }

  /** Connects, authenticates and subscribes. */
  static async open(options: LoadClientOptions): Promise<LoadClient> {
    const client = new LoadClient(options);
    await client.#open();
    return client;
  }

  /** Bytes read since the connection opened. */
  get bytes(): number {
    return this.#socket?.bytes ?? 0;
  }

  /** Frames read since the connection opened. */
  get frames(): number {
    return this.#socket?.frames ?? 0;
  }

  /** Sends one text. */
  send(text: string): void {
    this.#socket?.send(text);
  }

  /** Drops the connection. */
  destroy(): void {
    this.#socket?.destroy();
  }

  async #open(): Promise<void> {
    const { port, wire, client, onClose } = this.#options;
    const [first, ...others] = wire.opening(client);
    // A server that speaks first may do so in the same packet as the answer to the upgrade.
    const greeting = first?.send === undefined ? this.#answer(first) : undefined;
    this.#socket = await RawSocket.open({
      port,
      path: wire.path,
      onPayload: (buffer, start, end, isLast) => this.#take(buffer, start, end, isLast),
      onClose: (reason) => this.#onClose?.(reason),
    });
    await (greeting ?? this.#answer(first));
    for (const step of others) await this.#answer(step);
    this.onText = undefined;
    this.#onClose = onClose;
  }

  #answer(step: OpeningStep | undefined): Promise<void> {
    if (step === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(late);
        reject(new Error(`the server did not answer ${step.send ?? "the upgrade"}: ${why}`));
      };
      const late = setTimeout(() => fail(`nothing came in ${ANSWER_MS} ms`), ANSWER_MS);
      this.#onClose = fail;
      this.onText = (text) => {
        if (!text.includes(step.answer)) return fail(text);
        clearTimeout(late);
        this.lastAnswer = text;
        resolve();
      };
      if (step.send !== undefined) this.send(step.send);
    });
  }

  #take(buffer: Buffer, start: number, end: number, isLast: boolean): void {
    const count = countMarkers(buffer, start, end);
    this.#answerHeartbeat(buffer, start, end, count);
    if (this.onText !== undefined) this.#decode(buffer, start, end, isLast);
    if (count === 0) return;
    this.#options.onMessages?.(this, count);
    this.received += count;
  }

  #answerHeartbeat(buffer: Buffer, start: number, end: number, count: number): void {
    const line = this.#heartbeatLine;
    if (line === undefined) return;
    // It comes alone, or as the first, the last or any other line of a frame.
    const isAsked =
      isAt(line, 1, buffer, start) ||
      isAt(line, 0, buffer, end - line.length) ||
      (count > 1 && isBefore(buffer.indexOf(line, start), end));
    if (isAsked) this.send(this.#options.wire.heartbeat?.answer ?? "");
  }

  #decode(buffer: Buffer, start: number, end: number, isLast: boolean): void {
    this.#pieces.push(Buffer.from(buffer.subarray(start, end)));
    if (!isLast) return;
    const text = Buffer.concat(this.#pieces).toString();
    this.#pieces = [];
    this.onText?.(text);
  }
}

function countMarkers(buffer: Buffer, start: number, end: number): number {
  let count = 0;
  for (
    let at = buffer.indexOf(MARKER_BYTE, start);
    isBefore(at, end);
    at = buffer.indexOf(MARKER_BYTE, at + 1)
  ) {
    count += 1;
  }
  return count;
}

function isAt(wanted: Buffer, from: number, buffer: Buffer, start: number): boolean {
  for (let at = from; at < wanted.length; at += 1) {
    if (buffer[start + at - from] !== wanted[at]) return false;
  }
  return true;
}

function isBefore(index: number, end: number): boolean {
  return index >= 0 && index < end;
}
