import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Inbox } from "./inbox.ts";
import type { TestServer } from "./start-test-server.ts";

/** A publication as it travels in JSON. */
export interface WirePublication {
  readonly data: unknown;
  readonly offset?: number;
  readonly info?: { readonly user: string; readonly client?: string };
  readonly tags?: Readonly<Record<string, string>>;
  readonly time?: number;
  readonly channel?: string;
}

/** A reply or push as it travels in JSON; what a test looks at is typed, the rest is open. */
export interface WireReply {
  readonly id?: number;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly temporary?: boolean;
  };
  readonly push?: {
    readonly channel?: string;
    readonly pub?: WirePublication;
    readonly unsubscribe?: { readonly code: number; readonly reason: string };
  };
  readonly connect?: {
    readonly client: string;
    readonly session?: string;
    readonly node: string;
    readonly subs?: Readonly<Record<string, WirePosition>>;
  };
  readonly subscribe?: WirePosition;
  readonly [result: string]: unknown;
}

/** The part of a subscription's result that says where it is. */
export interface WirePosition {
  readonly offset?: number;
  readonly epoch: string;
  readonly recovered?: boolean;
  readonly publications?: readonly WirePublication[];
}

/** Why a socket was closed. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket that speaks the protocol as badly as a test wants it to. */
export class RawClient {
  /** Everything that came, one item a reply or push. */
  readonly replies = new Inbox<WireReply>("replies");
  readonly pings = new Inbox<"ping">("pings");
  readonly closed: Promise<Closed>;
  readonly socket: WebSocket;
  readonly #answersPings: boolean;
  readonly #awaited = new Map<
    number,
    { resolve(reply: WireReply): void; reject(why: Error): void }
  >();
  #lastId = 0;

  constructor(socket: WebSocket, answersPings: boolean) {
    this.socket = socket;
    this.#answersPings = answersPings;
    socket.on("message", (frame) => this.#onFrame(String(frame)));
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        this.#failAwaited(`closed with ${code} ${reason}`);
        resolve({ code, reason: String(reason) });
      });
    });
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Sends a frame as it is. */
  send(frame: string | Uint8Array): void {
    this.socket.send(frame);
  }

  /** Sends commands in one frame, each with an id; resolves with their replies. */
  requestAll(commands: readonly object[]): Promise<WireReply[]> {
    const numbered = commands.map((command) => ({ id: this.#nextId(), ...command }));
    const replies = Promise.all(numbered.map(({ id }) => this.#reply(id)));
    this.send(numbered.map((command) => JSON.stringify(command)).join("\n"));
    return replies;
  }

  /** Sends a command and resolves with its reply, an error too. */
  async request(command: object): Promise<WireReply> {
    const [reply] = await this.requestAll([command]);
    return reply as WireReply;
  }

  /** The publications that came on a channel, by push. */
  publications(channel: string): WirePublication[] {
    return this.replies.items.flatMap(({ push }) =>
      push?.channel === channel && push.pub !== undefined ? [push.pub] : [],
    );
  }

  #reply(id: number): Promise<WireReply> {
    if (!this.isOpen) return Promise.reject(new Error(`command ${id}: the socket is closed`));
    return new Promise((resolve, reject) => this.#awaited.set(id, { resolve, reject }));
  }

  #failAwaited(why: string): void {
    for (const [id, { reject }] of this.#awaited) reject(new Error(`command ${id}: ${why}`));
    this.#awaited.clear();
  }

  #onReply(reply: WireReply): void {
    this.replies.push(reply);
    if (reply.id === undefined) return;
    this.#awaited.get(reply.id)?.resolve(reply);
    this.#awaited.delete(reply.id);
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #onPing(): void {
    if (this.#answersPings) this.send("{}");
    this.pings.push("ping");
  }

  #onFrame(frame: string): void {
    for (const line of frame.split("\n")) {
      if (line === "{}") this.#onPing();
      else this.#onReply(JSON.parse(line) as WireReply);
    }
  }
}

/** How to open a raw client. */
export interface RawOptions {
  /** Default: true. */
  readonly answersPings?: boolean;
  readonly origin?: string;
}

/** Opens a socket on which nothing was said yet; it is dropped when the test is finished. */
export async function openRaw(
  { url }: Pick<TestServer, "url">,
  { answersPings = true, origin }: RawOptions = {},
): Promise<RawClient> {
  const endpoint = `${url.replace("http", "ws")}/connection/websocket`;
  const socket = new WebSocket(endpoint, origin === undefined ? {} : { origin });
  onTestFinished(() => socket.terminate());
  const client = new RawClient(socket, answersPings);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return client;
}

/** Opens a socket and connects as an account. */
export async function connectRaw(
  server: TestServer,
  account = "bob",
  options: RawOptions = {},
): Promise<RawClient> {
  const client = await openRaw(server, options);
  const { error } = await client.request({ connect: { token: await server.token(account) } });
  if (error !== undefined) throw new Error(`could not connect: ${JSON.stringify(error)}`);
  return client;
}
