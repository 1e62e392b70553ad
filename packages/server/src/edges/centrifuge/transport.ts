import type { CloseSpec } from "@anywire/types";
import type { Batch } from "./batch.ts";

/** What carries a session's messages to its client: a WebSocket, or one half of an emulated connection. */
export interface Transport {
  readonly name: "websocket" | "http_stream" | "sse";
  /** Whether commands come by `/emulation`, in requests of their own. */
  readonly isEmulated: boolean;
  /** Writes what one turn brought. False when the socket takes no more; `session.drained` is called when it does. */
  write(batch: Batch): boolean;
  /** Stops reading from the client, as long as it does not read from us. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /** Ends the connection in good order; the client learns the reason. */
  close(spec: CloseSpec): void;
  /** Drops a connection that nobody answers on. */
  terminate(): void;
}
