import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { WebhookRequest } from "../contract/webhook.ts";

/** A place that networks call, for tests. */
export interface WebhookCatcher {
  readonly url: string;
  readonly requests: readonly WebhookRequest[];
  close(): Promise<void>;
}

/** Takes every webhook, and remembers it. */
export async function startWebhookCatcher(): Promise<WebhookCatcher> {
  const requests: WebhookRequest[] = [];
  const server = createServer((request, response) => {
    void read(request, `http://127.0.0.1:${portOf()}`).then((caught) => {
      requests.push(caught);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const portOf = (): number => (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${portOf()}/v1/webhooks/demo`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage, origin: string): Promise<WebhookRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === "string") headers[name] = value;
  }
  return {
    method: request.method ?? "GET",
    url: `${origin}${request.url ?? "/"}`,
    headers,
    body: Buffer.concat(chunks),
  };
}
