import { type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { Inbox } from "./inbox.ts";
import type { WireReply } from "./raw-client.ts";
import type { TestServer } from "./start-test-server.ts";

/** The receiving half of an HTTP stream, read as a test wants to read it. */
export interface RawStream {
  readonly replies: Inbox<WireReply>;
  /** Takes no more from the socket. */
  pause(): void;
  resume(): void;
}

/** Opens an HTTP stream with its first commands; resolves with the answer's beginning. */
export async function openRawStream(
  { url }: TestServer,
  commands: readonly object[],
): Promise<RawStream> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(`${url}/connection/http_stream`, { method: "POST" }, resolve);
    sent.on("error", reject);
    onTestFinished(() => {
      sent.destroy();
    });
    sent.end(commands.map((command) => JSON.stringify(command)).join("\n"));
  });
  const replies = new Inbox<WireReply>("replies on the stream");
  const lines = createInterface(response);
  for (const source of [response, lines]) source.on("error", () => {});
  lines.on("line", (line) => replies.push(JSON.parse(line)));
  return { replies, pause: () => lines.pause(), resume: () => lines.resume() };
}
