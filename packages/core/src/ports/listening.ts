/** Somebody who listens to a port, and says to what. */
export interface Listening {
  /** Whether everything is heard, followed or not: the driver has it at hand anyhow. */
  readonly hearsAll: boolean;
  /**
   * Follows a channel name or a channel pattern: from when it resolves, everything that happens on those channels is
   * heard, until the returned function is called. Following a pattern twice takes two ends. More may be heard than is
   * followed.
   * @throws {AnywireError} `unavailable` when the backend cannot be reached.
   */
  follow(pattern: string): Promise<() => void>;
  /** Hears nothing more. A second call is a no-op. */
  stop(): void;
}
