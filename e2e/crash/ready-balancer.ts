import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** How often the balancer asks who is ready, ms. */
const ASK_EVERY_MS = 50;

/** A balancer of connections, such as stands in front of a cluster. */
export interface ReadyBalancer {
  readonly url: string;
  /** Statuses that `/ready` of a node was answered with, by its place, one behind the other; 0 for none. */
  readonly statuses: readonly (readonly number[])[];
}

/** Gives new connections to those nodes in turn whose `/ready` says so. */
export async function startReadyBalancer(urls: readonly string[]): Promise<ReadyBalancer> {
  const balancer = new Balancer(urls);
  onTestFinished(() => balancer.close());
  await balancer.start();
  return balancer;
}

class Balancer implements ReadyBalancer {
  readonly statuses: number[][];
  readonly #urls: readonly URL[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #turn = 0;
  #isClosed = false;

  constructor(urls: readonly string[]) {
    this.#urls = urls.map((url) => new URL(url));
    this.statuses = urls.map(() => []);
    this.#server = createServer((client) => this.#accept(client));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await Promise.all(this.#urls.map((_, i) => this.#ask(i)));
    for (const i of this.#urls.keys()) void this.#goOnAsking(i);
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
  }

  close(): void {
    this.#isClosed = true;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #goOnAsking(i: number): Promise<void> {
    while (!this.#isClosed) {
      await pause(ASK_EVERY_MS);
      await this.#ask(i);
    }
  }

  async #ask(i: number): Promise<void> {
    const url = new URL("/ready", this.#urls[i]);
    const status = await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    this.statuses[i]?.push(status);
  }

  #accept(client: Socket): void {
    const ready = this.#urls.filter((_, i) => this.statuses[i]?.at(-1) === 200);
    this.#turn += 1;
    const chosen = ready[this.#turn % ready.length];
    if (chosen === undefined) return void client.destroy();
    const node = connect(Number(chosen.port), chosen.hostname);
    for (const [from, to] of [
      [client, node],
      [node, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => {});
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
