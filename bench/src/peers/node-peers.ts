import { stopChild } from "../processes/children.ts";
import { startNodeServer } from "../processes/server-child.ts";
import type { Peer, PeerServer } from "./peer.ts";
import { createHs256Tokens } from "./tokens.ts";
import { installedVersion } from "./versions.ts";

/** A loop over all clients with `ws`, as people write it: what a broadcast costs without any product around it. */
export function plainWs(): Peer {
  return {
    name: "ws",
    title: `plain ws loop (ws ${installedVersion("ws")})`,
    wire: "plain-ws",
    canCollectGarbage: true,
    start: () => start("plain-ws.mjs"),
  };
}

/** One prepared frame for all, written to the raw sockets: the least that fan-out costs on Node. */
export function preparedFrame(): Peer {
  return {
    name: "floor",
    title: "floor: a prepared frame, written to raw sockets",
    wire: "plain-ws",
    canCollectGarbage: true,
    start: () => start("prepared-frame.mjs"),
  };
}

/** Socket.IO with its WebSocket transport and rooms. */
export function socketIo(): Peer {
  return {
    name: "socket.io",
    title: `Socket.IO ${installedVersion("socket.io")}`,
    wire: "socket.io",
    canCollectGarbage: true,
    start: () => start("socket-io.mjs"),
  };
}

/** A server of `ws` that answers publishes and stores nothing: what the answers alone cost. */
export function startAnsweringWs(): Promise<PeerServer> {
  return start("answering-ws.mjs");
}

async function start(script: string): Promise<PeerServer> {
  const { key, token } = createHs256Tokens();
  const url = new URL(`../../peers/${script}`, import.meta.url);
  const { child, pid, port } = await startNodeServer(url, [], { BENCH_SECRET: key });
  return { pid, port, token, stop: () => stopChild(child) };
}
