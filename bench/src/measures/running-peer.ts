import { type Load, startLoad } from "../load/load.ts";
import type { Peer, PeerServer } from "../peers/peer.ts";
import { PLATFORM } from "../peers/tokens.ts";
import type { WireClient } from "../wires/wire.ts";

/** The channel that all clients of a measure are on. */
export const SHARED_CHANNEL = `${PLATFORM}.group.shared`;

/** A peer's server and a process with clients of it. */
export interface RunningPeer {
  readonly peer: Peer;
  readonly server: PeerServer;
  readonly load: Load;
  /** Connects, authenticates and subscribes clients: each one to the shared channel and to `own` of its own. */
  connect(count: number, own: number): Promise<void>;
  /** Stops both. */
  stop(): Promise<void>;
}

/** Starts a peer's server and a process that will load it. */
export async function startPeer(peer: Peer): Promise<RunningPeer> {
  const server = await peer.start();
  const load = startLoad();
  return {
    peer,
    server,
    load,
    connect: (count, own) =>
      load.call("connect", {
        ports: [server.port],
        wire: peer.wire,
        channel: SHARED_CHANNEL,
        clients: benchClients(server, count, own),
        publishers: 1,
      }),
    async stop() {
      await load.close();
      await server.stop();
    },
  };
}

/** Whether a peer is more than the floor of fan-out. */
export function isServer({ name }: Peer): boolean {
  return name !== "floor";
}

/** Runs with servers of all peers at the same time, and stops them whatever happens. */
export async function withPeers<Result>(
  peers: readonly Peer[],
  use: (running: readonly RunningPeer[]) => Promise<Result>,
): Promise<Result> {
  const running: RunningPeer[] = [];
  try {
    for (const peer of peers) running.push(await startPeer(peer));
    return await use(running);
  } finally {
    await Promise.all(running.map((peer) => peer.stop()));
  }
}

/** Clients with an account each, on the shared channel and on `own` of their own. */
export function benchClients(
  server: PeerServer,
  count: number,
  own: number,
): readonly WireClient[] {
  return Array.from({ length: count }, (_, index) => client(server, index, own));
}

function client(server: PeerServer, index: number, own: number): WireClient {
  const account = `account${index}`;
  const ownChannels = Array.from(
    { length: own },
    (_, number) => `${PLATFORM}.group.${account}-${number}`,
  );
  return { token: server.token(account), channels: [SHARED_CHANNEL, ...ownChannels] };
}
