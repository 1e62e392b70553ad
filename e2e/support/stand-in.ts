import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { Inbox } from "./inbox.ts";

/** A request that came to a stand-in. */
export interface StandInRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a stand-in says: a status alone, or JSON. */
export type StandInAnswer = number | object;

/** A service in the place of one that is elsewhere in the world. */
export interface StandIn {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly requests: Inbox<StandInRequest>;
}

/** Starts a service on a free port; it is gone when the test is finished. */
export async function startStandIn(
  answer: (request: StandInRequest) => StandInAnswer,
): Promise<StandIn> {
  const requests = new Inbox<StandInRequest>("requests to the stand-in");
  const server = createServer(async (incoming, response) => {
    const { method = "", url: path = "", headers } = incoming;
    const request = { method, path, headers, body: await text(incoming) };
    const answered = answer(request);
    requests.push(request);
    const isStatus = typeof answered === "number";
    response.writeHead(isStatus ? answered : 200, { "content-type": "application/json" });
    response.end(isStatus ? undefined : JSON.stringify(answered));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests };
}
