import { setTimeout as pause } from "node:timers/promises";
import { AnywireError } from "@anywire/types";
import type { ConnectionOptions, NatsConnection } from "@nats-io/transport-node";

/** How long closing waits for the server to take what was sent. */
const DRAIN_MS = 2_000;

/** How to reach NATS. */
export interface NatsLinkOptions {
  /** Such as `["nats://10.0.0.1:4222", "nats://10.0.0.2:4222"]`. */
  readonly servers: readonly string[];
  /** Begins the name of everything that is kept or told there: 1 to 32 letters, digits, _ or -. Default `anywire`. */
  readonly prefix?: string;
  /** How to sign in, beside what the servers' addresses say. */
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** Text of a `.creds` file. */
  readonly credentials?: string;
  /** Shown by the server's monitoring. Default `anywire`. */
  readonly name?: string;
  /** How long to wait for the first connection, ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
}

/** One connection to NATS, shared by the drivers of a node. */
export interface NatsLink {
  readonly prefix: string;
  /** @throws {AnywireError} `unavailable` before `start` and after `close` */
  readonly connection: NatsConnection;
  /** Whether the connection stands right now. */
  readonly isConnected: boolean;
  /**
   * Connects; drivers that share it each start it.
   * @throws {AnywireError} `unavailable` when no server answers or the package is not installed.
   */
  start(): Promise<void>;
  /**
   * Calls back whenever a broken connection has been made again; what was told meanwhile was not heard. It is given
   * when the break was noticed, in the time of `performance.now`. Returns what ends it.
   */
  onReconnect(listener: (brokenAt: number) => void): () => void;
  /** Each driver that has started it closes it; the last one lets go of the connection. */
  close(): Promise<void>;
}

/** The way to a NATS server. Nothing is opened yet. */
export function createNatsLink(options: NatsLinkOptions): NatsLink {
  return new Link(options);
}

class Link implements NatsLink {
  readonly prefix: string;
  readonly #options: NatsLinkOptions;
  readonly #listeners = new Set<(brokenAt: number) => void>();
  #opening: Promise<NatsConnection> | null = null;
  #connection: NatsConnection | null = null;
  #users = 0;
  #isConnected = false;

  constructor(options: NatsLinkOptions) {
    this.#options = options;
    this.prefix = options.prefix ?? "anywire";
  }

  get connection(): NatsConnection {
    if (this.#connection === null) {
      throw new AnywireError("unavailable", "NATS is not connected: start the driver first");
    }
    return this.#connection;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  async start(): Promise<void> {
    this.#users += 1;
    this.#opening ??= this.#open();
    try {
      await this.#opening;
    } catch (error) {
      this.#users -= 1;
      this.#opening = null;
      throw error;
    }
  }

  onReconnect(listener: (brokenAt: number) => void): () => void {
    // A function of its own, so that one listener can be given twice.
    const own = (brokenAt: number): void => listener(brokenAt);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    if (this.#users === 0) return;
    this.#users -= 1;
    if (this.#users > 0) return;
    const connection = this.#connection;
    this.#connection = null;
    this.#opening = null;
    this.#isConnected = false;
    if (connection === null || connection.isClosed()) return;
    const stop = new AbortController();
    const late = pause(DRAIN_MS, undefined, { signal: stop.signal });
    // Whether the server is gone or does not answer: there is nothing to hand over.
    await Promise.race([connection.drain(), late]).catch(() => {});
    stop.abort();
    await connection.close();
  }

  async #open(): Promise<NatsConnection> {
    const { connect, credsAuthenticator } = await importTransport();
    const { servers, user, password, token, credentials, name = "anywire" } = this.#options;
    const options: ConnectionOptions = {
      servers: [...servers],
      name,
      timeout: this.#options.connectTimeoutMs ?? 10_000,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 100,
      // A connection that is cut without a word is noticed after two of them.
      pingInterval: 5_000,
      maxPingOut: 2,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { pass: password }),
      ...(token === undefined ? {} : { token }),
      ...(credentials === undefined
        ? {}
        : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
    };
    let connection: NatsConnection;
    try {
      connection = await connect(options);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new AnywireError(
        "unavailable",
        `no NATS server answers at ${servers.map(withoutSecrets).join(", ")} (${why}); start one, or check nats.servers`,
        { cause },
      );
    }
    this.#connection = connection;
    this.#isConnected = true;
    void this.#follow(connection);
    return connection;
  }

  async #follow(connection: NatsConnection): Promise<void> {
    let brokenAt = 0;
    for await (const { type } of connection.status()) {
      if (type === "disconnect") {
        this.#isConnected = false;
        brokenAt = performance.now();
      }
      if (type !== "reconnect") continue;
      this.#isConnected = true;
      for (const listener of this.#listeners) listener(brokenAt);
    }
    this.#isConnected = false;
  }
}

async function importTransport(): Promise<typeof import("@nats-io/transport-node")> {
  try {
    return await import("@nats-io/transport-node");
  } catch (cause) {
    throw new AnywireError(
      "unavailable",
      "the NATS drivers need a package that is not installed: npm install @nats-io/transport-node @nats-io/jetstream",
      { cause },
    );
  }
}

function withoutSecrets(server: string): string {
  return server.replace(/\/\/[^@/]*@/, "//");
}
