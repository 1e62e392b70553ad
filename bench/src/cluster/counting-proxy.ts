import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";

const TARGET = "x-amz-target";

/** What went through a {@link CountingProxy}. */
export interface CountedRequests {
  /** How many of each operation, such as `PutItem`. */
  readonly counts: Readonly<Record<string, number>>;
  /** From each request to the end of its answer, ms, added up. */
  readonly waitedMs: number;
  /** When the last answer ended, ms on the clock of `performance`. */
  readonly lastAt: number;
}

/** Stands between a client and a server of DynamoDB's protocol, and counts what is asked. */
export class CountingProxy {
  readonly #target: URL;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server = createServer((asked, answer) => this.#pass(asked, answer));
  readonly #counts: Record<string, number> = {};
  #waitedMs = 0;
  #lastAt = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  /** Stands before the server at a URL. */
  static async start(target: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** Where clients find it. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** All so far. */
  get counted(): CountedRequests {
    return { counts: { ...this.#counts }, waitedMs: this.#waitedMs, lastAt: this.#lastAt };
  }

  /** Lets nothing through any more. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const startedAt = performance.now();
    const operation = String(asked.headers[TARGET] ?? "").replace(/^.*\./, "");
    const { hostname, port } = this.#target;
    const { method, url: path, headers } = asked;
    const passed = request({ hostname, port, method, path, headers, agent: this.#agent });
    passed.once("error", () => answer.destroy());
    passed.once("response", (got: IncomingMessage) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
      got.once("end", () => {
        this.#lastAt = performance.now();
        this.#waitedMs += this.#lastAt - startedAt;
        this.#counts[operation] = (this.#counts[operation] ?? 0) + 1;
      });
    });
    asked.pipe(passed);
  }
}
