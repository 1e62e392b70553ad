import { anywire } from "./anywire.ts";
import { findCentrifuge } from "./centrifuge.ts";
import { plainWs, preparedFrame, socketIo } from "./node-peers.ts";
import type { MissingPeer, Peer, PeerName } from "./peer.ts";

/** The peers that were asked for: those that can be measured here, and those that can't. */
export interface FoundPeers {
  readonly present: readonly Peer[];
  readonly missing: readonly MissingPeer[];
}

/** Looks for the peers, building what must be built. */
export async function findPeers(
  names: readonly PeerName[],
  progress: (text: string) => void,
): Promise<FoundPeers> {
  const find: Record<PeerName, () => Peer | Promise<Peer | MissingPeer>> = {
    anywire: () => anywire,
    ws: plainWs,
    "socket.io": socketIo,
    floor: preparedFrame,
    centrifuge: () => findCentrifuge(progress),
  };
  const found = await Promise.all(names.map((name) => find[name]()));
  return {
    present: found.filter((peer): peer is Peer => !("missing" in peer)),
    missing: found.filter((peer): peer is MissingPeer => "missing" in peer),
  };
}
