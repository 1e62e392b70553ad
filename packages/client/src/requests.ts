import type { RpcAnswer, RpcMethod, RpcRequest } from "@anywire/types";
import type { Centrifuge } from "centrifuge";
import { isConnectionLoss, isTimeout, toClientError } from "./client-error.ts";
import type { TokenSource } from "./token-source.ts";

/** Longer in total than it takes to find a silent connection dead (ping 25 s, delay 10 s, at 5 s a request). */
const MAX_TIMEOUTS = 8;

/** What has to be said to a method: nothing where everything may be absent. */
export type RequestArguments<Request> = object extends Request
  ? [request?: Request]
  : [request: Request];

/** Asks over one connection, each time with a token that holds for more than a day if one can be had. */
export class Requests {
  readonly #centrifuge: Centrifuge;
  readonly #tokens: TokenSource;
  #refreshing: Promise<void> | undefined;

  constructor(centrifuge: Centrifuge, tokens: TokenSource) {
    this.#centrifuge = centrifuge;
    this.#tokens = tokens;
  }

  /**
   * Calls an RPC method. While the client is connecting it waits; when the connection drops before the answer it asks
   * again, so what is asked must be the same when it is asked twice: by an id, or because it sets something.
   * @throws {AnywireError} the server's, or `unavailable` when the client is disconnected.
   */
  async call<Method extends RpcMethod>(
    method: Method,
    request: RpcRequest<Method>,
  ): Promise<RpcAnswer<Method>> {
    for (let timeouts = 0; ; ) {
      await this.ready();
      try {
        return (await this.#centrifuge.rpc(method, request)).data as RpcAnswer<Method>;
      } catch (thrown) {
        if (isTimeout(thrown)) timeouts += 1;
        else if (!isConnectionLoss(thrown)) throw toClientError(thrown);
        if (timeouts === MAX_TIMEOUTS) throw toClientError(thrown);
      }
    }
  }

  /**
   * Resolves when there is a connection whose token is not due.
   * @throws {AnywireError} `unavailable` when the client is disconnected, `unauthenticated`.
   */
  async ready(): Promise<void> {
    try {
      await this.#centrifuge.ready();
    } catch (thrown) {
      throw toClientError(thrown);
    }
    if (!this.#tokens.isDueOnOpen(Date.now())) return;
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  /** Failing is no reason not to ask: the token before this one still holds, or else the server says so. */
  async #refresh(): Promise<void> {
    try {
      const token = await this.#tokens.renew(Date.now());
      this.#centrifuge.setToken(token);
      await this.#centrifuge.rpc("token.refresh", { token });
    } catch {
      // Tried again with the first request after a while.
    }
  }
}
