/** How a peer's clients speak, as texts: all that a load process needs to know about it. */
export interface Wire {
  /** Path of the WebSocket endpoint. */
  readonly path: string;
  /** Steps from the open socket to an authenticated client that is subscribed to its channels. */
  opening(client: WireClient): readonly OpeningStep[];
  /** One text that makes the server publish every message to the channel in one turn. */
  publish(channel: string, texts: readonly string[]): string;
  /** The server's heartbeat and what the client has to answer, when the peer has one. */
  readonly heartbeat?: { readonly ask: string; readonly answer: string };
}

/** Who connects. */
export interface WireClient {
  readonly token: string;
  readonly channels: readonly string[];
  /** Where it was on its channels before; asks for what came since. */
  readonly recover?: Position;
}

/** A place in a channel, as the server gave it. */
export interface Position {
  readonly offset: number;
  readonly epoch: string;
}

/** What to send, unless the server speaks first, and what its answer contains. */
export interface OpeningStep {
  readonly send?: string;
  readonly answer: string;
}
