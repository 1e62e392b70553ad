/**
 * How the nodes of a cluster hand each other what has come to the wrong one. A bundle whose nodes share nothing has none.
 *
 * Every driver MUST keep these rules:
 * - `send` resolves when the node has taken the message, and rejects with `not_found` when no node of that name receives.
 * - Messages from one node to another are taken in the order in which they were sent.
 */
export interface NodePost {
  /** Called once, before any other method. */
  start(): Promise<void>;
  /**
   * From when it resolves, takes what is sent to a node of this process, by a name of letters, digits, _ or -. `take`
   * must not throw.
   */
  receive(node: string, take: (message: Uint8Array) => void): Promise<void>;
  /**
   * Hands a message to a node.
   * @throws {AnywireError} `not_found` when nobody has that name, `unavailable` when it does not answer in time.
   */
  send(node: string, message: Uint8Array): Promise<void>;
  /** A second call is a no-op. */
  close(): Promise<void>;
}
