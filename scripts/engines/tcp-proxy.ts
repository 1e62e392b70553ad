import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What becomes of what is sent. */
type Mood = "passes" | "cut" | "frozen" | "answers-held" | "answers-lost";

/** A network that a test breaks and mends. */
export interface TcpProxy {
  /** The target's address with the proxy in its place. */
  readonly url: string;
  /** Breaks all connections, and every new one at once. */
  cut(): void;
  /** Nothing goes through any more, and nobody is told. */
  freeze(): void;
  /** What is asked still arrives; no answer comes back for now. */
  holdAnswers(): void;
  /** What is asked still arrives; its answers are lost. */
  loseAnswers(): void;
  /** All is well again: what was held back arrives, and connections that have lost something break. */
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

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  hasLost: boolean;
}

class LoopbackProxy implements TcpProxy {
  readonly #target: URL;
  readonly #listener: Server;
  readonly #delayMs: number;
  readonly #connections = new Set<Connection>();
  #mood: Mood = "passes";

  constructor(target: URL, delayMs: number) {
    this.#target = target;
    this.#delayMs = delayMs;
    this.#listener = createServer((client) => this.#accept(client));
  }

  get url(): string {
    const { port } = this.#listener.address() as AddressInfo;
    return `${this.#target.protocol}//127.0.0.1:${port}`;
  }

  async listen(): Promise<void> {
    await once(this.#listener.listen(0, "127.0.0.1"), "listening");
  }

  cut(): void {
    this.#become("cut");
  }

  freeze(): void {
    this.#become("frozen");
  }

  holdAnswers(): void {
    this.#become("answers-held");
  }

  loseAnswers(): void {
    this.#become("answers-lost");
  }

  heal(): void {
    for (const { client, hasLost } of this.#connections) if (hasLost) client.destroy();
    this.#become("passes");
  }

  async close(): Promise<void> {
    this.cut();
    await once(this.#listener.close(), "close");
  }

  #become(mood: Mood): void {
    this.#mood = mood;
    for (const connection of this.#connections) this.#apply(connection);
  }

  #apply({ client, server }: Connection): void {
    const mood = this.#mood;
    if (mood === "cut") client.destroy();
    // A socket that is not read: the rest is held back by TCP itself.
    const turn = (from: Socket, isHeld: boolean) => (isHeld ? from.pause() : from.resume());
    turn(client, mood === "frozen");
    turn(server, mood === "frozen" || mood === "answers-held");
  }

  #accept(client: Socket): void {
    if (this.#mood === "cut") return void client.destroy();
    const server = connect(Number(this.#target.port), this.#target.hostname);
    const connection = { client, server, hasLost: false };
    this.#connections.add(connection);
    this.#pass(client, server, () => true);
    this.#pass(server, client, () => {
      const isLost = this.#mood === "answers-lost";
      connection.hasLost ||= isLost;
      return !isLost;
    });
    client.on("close", () => this.#connections.delete(connection));
    this.#apply(connection);
  }

  #pass(from: Socket, to: Socket, passes: () => boolean): void {
    from.setNoDelay(true);
    from.on("data", (bytes) => {
      if (!passes()) return;
      if (this.#delayMs === 0) to.write(bytes);
      else setTimeout(() => to.write(bytes), this.#delayMs);
    });
    from.on("error", () => {});
    from.on("close", () => to.destroy());
  }
}
