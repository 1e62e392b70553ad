import type { Centrifuge } from "centrifuge";
import { isConnectionLoss, isTimeout, toClientError } from "./client-error.ts";

/** Longer in total than it takes to find a silent connection dead (ping 25 s, delay 10 s, at 5 s a request). */
const MAX_TIMEOUTS = 8;

/**
 * Calls an RPC method. While the client is connecting it waits; when the connection drops before the answer it asks
 * again, so what is asked must be the same when it is asked twice: by an id, or because it sets something.
 * @throws {AnywireError} the server's, or `unavailable` when the client is disconnected.
 */
export async function request<T>(centrifuge: Centrifuge, method: string, data: object): Promise<T> {
  for (let timeouts = 0; ; ) {
    try {
      await centrifuge.ready();
    } catch (thrown) {
      throw toClientError(thrown);
    }
    try {
      return (await centrifuge.rpc(method, data)).data as T;
    } catch (thrown) {
      if (isTimeout(thrown)) timeouts += 1;
      else if (!isConnectionLoss(thrown)) throw toClientError(thrown);
      if (timeouts === MAX_TIMEOUTS) throw toClientError(thrown);
    }
  }
}
