import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** Where media lie that are not what they seem. */
export interface RudeHost {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
}

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const CHUNK = Buffer.alloc(64 * 1024, 7);

const MANNERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  good: (response) => response.writeHead(200, { "content-type": "image/png" }).end(PNG),
  html: (response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><p>Maintenance"),
  liar: (response) =>
    response.writeHead(200, { "content-type": "image/png" }).end("<script>alert(1)</script>"),
  program: (response) =>
    response.writeHead(200, { "content-type": "application/x-msdownload" }).end("MZ\u0090"),
  short: (response) => {
    response.writeHead(200, { "content-type": "image/png", "content-length": 1_000_000 });
    response.write(PNG, () => response.destroy());
  },
  "says-huge": (response) => {
    response.writeHead(200, { "content-type": "image/png", "content-length": 2 ** 40 });
    response.write(PNG);
  },
  endless: (response) => {
    response.writeHead(200, { "content-type": "image/png" });
    response.write(PNG);
    const pour = (): void => {
      while (!response.destroyed && response.write(CHUNK));
    };
    response.on("drain", pour);
    pour();
  },
  hangs: () => {},
  "hangs-within": (response) => {
    response.writeHead(200, { "content-type": "image/png" });
    response.write(PNG.subarray(0, 20));
  },
  missing: (response) => response.writeHead(404).end(),
  elsewhere: (response) =>
    response.writeHead(302, { location: "http://127.0.0.1:1/v1/accounts" }).end(),
  circle: (response) => response.writeHead(302, { location: "/circle" }).end(),
};

/** The ways in which it misbehaves. */
export const BAD_MANNERS: readonly string[] = Object.keys(MANNERS).filter((one) => one !== "good");

/** Starts a host whose files misbehave each as its name says; it is closed when the test is finished. */
export async function startRudeHost(): Promise<RudeHost> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    asked.push(path);
    const behave = MANNERS[path.slice(1)];
    if (behave === undefined) response.writeHead(404).end();
    else behave(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
