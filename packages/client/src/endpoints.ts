import { AnywireError } from "@anywire/types";
import type { TransportEndpoint } from "centrifuge";

/** A way to carry the socket protocol. */
export type ClientTransport = "websocket" | "http_stream" | "sse";

/** Where each transport of a server is, in the order in which to try them, and where its commands go. */
export interface Endpoints {
  readonly transports: TransportEndpoint[];
  readonly emulation: string;
}

/**
 * The addresses under a server's URL, whose path is kept as a prefix.
 * @throws {AnywireError} `bad_request` when it is not an http or ws URL.
 */
export function toEndpoints(url: string, transports: readonly ClientTransport[]): Endpoints {
  const base = URL.parse(url);
  if (base === null || !/^(http|ws)s?:$/.test(base.protocol)) {
    throw new AnywireError(
      "bad_request",
      `${JSON.stringify(url)} is not a server's URL; write one such as https://chat.example.org`,
    );
  }
  const http = `${base.origin.replace(/^ws/, "http")}${base.pathname.replace(/\/+$/, "")}`;
  return {
    transports: transports.map((transport) => ({
      transport,
      endpoint: `${transport === "websocket" ? http.replace(/^http/, "ws") : http}/connection/${transport}`,
    })),
    emulation: `${http}/emulation`,
  };
}
