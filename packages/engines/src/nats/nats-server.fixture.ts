import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { vi } from "vitest";
import { ENGINE_SERVERS } from "../../../../scripts/engines/engine-servers.ts";
import { findProgram } from "../../../../scripts/engines/find-program.ts";

/** Whether this machine has a server to start and kill. */
export const hasServer = findProgram(ENGINE_SERVERS.nats) !== undefined;

/** A server of a test's own. */
export interface OwnServer {
  readonly url: string;
  /** Kills it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same data. */
  start(): Promise<void>;
  /** Kills it and deletes its data. */
  dispose(): Promise<void>;
}

/** Starts as many servers as asked for, one cluster when they are several. */
export async function startServers(count = 1): Promise<OwnServer[]> {
  const ports = await freePorts(2 * count);
  const routes = ports.slice(count).map((port) => `nats://127.0.0.1:${port}`);
  const servers = ports.slice(0, count).map((port, i) => {
    const name = ["--name", `n${i}`, "--cluster_name", "test"];
    const cluster = [...name, "--cluster", routes[i] ?? "", "--routes", routes.join(",")];
    return new Server(port, count === 1 ? [] : cluster);
  });
  try {
    await Promise.all(servers.map((server) => server.start()));
    await vi.waitFor(() => assertReady(servers), { timeout: 20_000, interval: 100 });
  } catch (error) {
    await Promise.all(servers.map((server) => server.dispose()));
    throw error;
  }
  return servers;
}

/** A cluster chooses a leader before it takes anything. */
async function assertReady(servers: readonly OwnServer[]): Promise<void> {
  const connection = await connect({ servers: servers.map(({ url }) => url) });
  try {
    const { streams } = await jetstreamManager(connection);
    await streams.add({ name: "ready", subjects: ["ready"], num_replicas: servers.length });
    await streams.delete("ready");
  } finally {
    await connection.close();
  }
}

class Server implements OwnServer {
  readonly url: string;
  readonly #port: number;
  readonly #more: readonly string[];
  #directory = "";
  #child: ChildProcess | null = null;

  constructor(port: number, more: readonly string[]) {
    this.url = `nats://127.0.0.1:${port}`;
    this.#port = port;
    this.#more = more;
  }

  async start(): Promise<void> {
    if (this.#directory === "") this.#directory = await mkdtemp(join(tmpdir(), "anywire-nats-"));
    const recipe = ENGINE_SERVERS.nats;
    const args = [...recipe.args(this.#port, this.#directory), ...this.#more];
    const child = spawn(findProgram(recipe) ?? "", args, { stdio: ["ignore", "ignore", "pipe"] });
    this.#child = child;
    for await (const line of createInterface({ input: child.stderr })) {
      if (recipe.ready.test(line)) break;
    }
    child.stderr.resume();
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => once(server.listen(0, "127.0.0.1"), "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
