import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { stopChild } from "../processes/children.ts";
import { type ServerChild, startServerChild } from "../processes/server-child.ts";
import { startCentrifugo } from "./centrifugo.ts";
import type { MissingPeer, Peer, PeerServer } from "./peer.ts";
import { createHs256Tokens } from "./tokens.ts";

const CENTRIFUGO_VERSION = "v6.9.3";
const CENTRIFUGO_MODULE = `github.com/centrifugal/centrifugo/v6@${CENTRIFUGO_VERSION}`;
const LIBRARY_SOURCE = fileURLToPath(new URL("../../peers/centrifuge-go/", import.meta.url));
const LIBRARY_MODULE = "github.com/centrifugal/centrifuge";
const BUILDS = join(tmpdir(), "anywire-bench-go");

const run = promisify(execFile);

/**
 * Centrifugo 6: the one on the PATH, or else built with Go. Where the Go proxy does not have it, a small server on the
 * Go library that Centrifugo is built on.
 */
export async function findCentrifuge(
  progress: (text: string) => void,
): Promise<Peer | MissingPeer> {
  const installed = await output("centrifugo", ["version"]);
  if (installed !== undefined) return centrifugo(installed, "centrifugo");
  if ((await output("go", ["version"])) === undefined) {
    return missing("neither `centrifugo` nor `go` is on the PATH");
  }
  progress(`building ${CENTRIFUGO_MODULE}`);
  const built = join(BUILDS, "centrifugo");
  if (existsSync(built) || (await installCentrifugo())) {
    return centrifugo(CENTRIFUGO_VERSION, built);
  }
  progress(`the Go proxy does not have Centrifugo; building a server on ${LIBRARY_MODULE}`);
  return buildLibraryServer();
}

function centrifugo(version: string, command: string): Peer {
  return peer(`Centrifugo ${/\d+\.\d+\.\d+/.exec(version)?.[0] ?? version}`, (secret) =>
    startCentrifugo(command, secret),
  );
}

async function installCentrifugo(): Promise<boolean> {
  const env = { ...process.env, GOBIN: BUILDS };
  return (await output("go", ["install", CENTRIFUGO_MODULE], { env })) !== undefined;
}

async function buildLibraryServer(): Promise<Peer | MissingPeer> {
  const binary = join(BUILDS, "centrifuge-go");
  const inSource = { cwd: LIBRARY_SOURCE };
  try {
    await run("go", ["build", "-o", binary, "."], inSource);
    const { stdout } = await run(
      "go",
      ["list", "-m", "-f", "{{.Version}}", LIBRARY_MODULE],
      inSource,
    );
    const title = `Centrifuge ${stdout.trim().slice(1)} (the Go library of Centrifugo)`;
    return peer(title, (secret) => startServerChild(binary, [], { BENCH_SECRET: secret }));
  } catch (error) {
    return missing(`it could not be built: ${String(error).split("\n")[1] ?? error}`);
  }
}

function peer(title: string, start: (secret: string) => Promise<ServerChild>): Peer {
  return {
    name: "centrifuge",
    title,
    wire: "centrifuge",
    canCollectGarbage: false,
    async start(): Promise<PeerServer> {
      const { key, token } = createHs256Tokens();
      const { child, pid, port } = await start(key);
      return { pid, port, token, stop: () => stopChild(child) };
    },
  };
}

function missing(why: string): MissingPeer {
  return { name: "centrifuge", title: "Centrifugo 6", missing: why };
}

/** What a command prints, or undefined when it fails or does not exist. */
async function output(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv } = {},
): Promise<string | undefined> {
  try {
    return (await run(command, args, options)).stdout;
  } catch {
    return undefined;
  }
}
