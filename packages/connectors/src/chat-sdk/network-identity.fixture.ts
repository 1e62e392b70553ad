import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Tells adapters who they are, and nothing more: what they ask before they read their first request. */
export interface NetworkIdentity {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers every request with this. */
export async function startNetworkIdentity(identity: object): Promise<NetworkIdentity> {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(identity));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
