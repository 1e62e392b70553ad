import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { WebhookAnswer, WebhookRequest } from "@anywire/connectors";

/** A small server on the loopback interface that gets a simulator's webhooks, and gives out files. */
export interface WebhookReceiver {
  readonly webhookUrl: string;
  /** A URL under which the bytes can be fetched. */
  publish(name: string, mimeType: string, bytes: Uint8Array): string;
  close(): Promise<void>;
}

/** Starts one on a free port. */
export async function startWebhookReceiver(
  receive: (request: WebhookRequest) => Promise<WebhookAnswer>,
): Promise<WebhookReceiver> {
  const files = new Map<string, { readonly mimeType: string; readonly bytes: Uint8Array }>();
  let origin = "";
  const server = createServer((incoming, response) => {
    const file = files.get(incoming.url ?? "");
    if (file !== undefined) {
      response.writeHead(200, { "content-type": file.mimeType }).end(file.bytes);
      return;
    }
    toRequest(incoming, origin)
      .then(receive)
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      .catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    webhookUrl: `${origin}/v1/webhooks/conformance`,
    publish(name, mimeType, bytes) {
      const path = `/files/${files.size}/${encodeURIComponent(name)}`;
      files.set(path, { mimeType, bytes });
      return origin + path;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function toRequest(incoming: IncomingMessage, origin: string): Promise<WebhookRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    method: incoming.method ?? "GET",
    url: origin + (incoming.url ?? "/"),
    headers,
    body: new Uint8Array(Buffer.concat(chunks)),
  };
}
