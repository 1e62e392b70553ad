import type { WireName } from "../wires/wires.ts";

/** Names a peer on the command line and in the JSON. */
export type PeerName = "anywire" | "ws" | "socket.io" | "centrifuge" | "floor";

/** Something to measure beside the others. */
export interface Peer {
  readonly name: PeerName;
  /** Its name in the tables, with the version. */
  readonly title: string;
  readonly wire: WireName;
  /** Whether SIGUSR2 makes its server collect garbage. */
  readonly canCollectGarbage: boolean;
  /** Starts a server of its own, with nothing in it. */
  start(): Promise<PeerServer>;
}

/** A peer that cannot be measured on this machine. */
export interface MissingPeer {
  readonly name: PeerName;
  readonly title: string;
  /** Why, for the table. */
  readonly missing: string;
}

/** A running server of a peer. */
export interface PeerServer {
  readonly pid: number;
  readonly port: number;
  /** A token for an account, good for every channel of the bench. */
  token(account: string): string;
  /** Ends it and removes what it left. */
  stop(): Promise<void>;
}
