import { connect, createServer, type Server, type Socket } from "node:net";

/** What becomes of what is sent. */
type Mood = "passes" | "cut" | "frozen" | "answers-lost";

/** A network that a test breaks and mends. */
export interface TcpProxy {
  /** The target's address with the proxy in its place. */
  readonly url: string;
  /** Breaks all connections, and every new one at once. */
  cut(): void;
  /** Nothing goes through any more, and nobody is told. */
  freeze(): void;
  /** What is asked still arrives; no answer comes back. */
  swallowAnswers(): void;
  /** All is well again; connections that have lost something break. */
  heal(): void;
  close(): Promise<void>;
}

/**
 * Puts a network of the test's own in front of a server; `target` such as `nats://127.0.0.1:4222`.
 *
 * @param delayMs how long everything is on its way, in each direction
 */
export async function startTcpProxy(target: string, delayMs = 0): Promise<TcpProxy> {
  const proxy = new LoopbackProxy(new URL(target), delayMs);
  await proxy.listen();
  return proxy;
}

class LoopbackProxy implements TcpProxy {
  readonly #target: URL;
  readonly #server: Server;
  readonly #delayMs: number;
  /** With whether each has lost something. */
  readonly #connections = new Map<Socket, { isSpoilt: boolean }>();
  #mood: Mood = "passes";
  #url = "";

  constructor(target: URL, delayMs: number) {
    this.#target = target;
    this.#delayMs = delayMs;
    this.#server = createServer((client) => this.#accept(client));
  }

  get url(): string {
    return this.#url;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${port}`;
    this.#url = url.href;
  }

  cut(): void {
    this.#mood = "cut";
    for (const client of this.#connections.keys()) client.destroy();
  }

  freeze(): void {
    this.#mood = "frozen";
  }

  swallowAnswers(): void {
    this.#mood = "answers-lost";
  }

  heal(): void {
    this.#mood = "passes";
    for (const [client, { isSpoilt }] of this.#connections) if (isSpoilt) client.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    if (this.#mood === "cut") return void client.destroy();
    const state = { isSpoilt: false };
    this.#connections.set(client, state);
    const server = connect(Number(this.#target.port), this.#target.hostname);
    const pass = (from: Socket, to: Socket, isStopped: () => boolean): void => {
      from.setNoDelay(true);
      from.on("data", (bytes) => {
        if (isStopped()) state.isSpoilt = true;
        else if (this.#delayMs === 0) to.write(bytes);
        else setTimeout(() => to.write(bytes), this.#delayMs);
      });
      from.on("error", () => {});
      from.on("close", () => {
        to.destroy();
        this.#connections.delete(client);
      });
    };
    pass(client, server, () => this.#mood === "frozen");
    pass(server, client, () => this.#mood === "frozen" || this.#mood === "answers-lost");
  }
}
