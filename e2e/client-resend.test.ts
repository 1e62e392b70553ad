import { createClient } from "@anywire/client";
import { expect, test } from "vitest";
import { startTestServer } from "./support/start-test-server.ts";

const LOBBY = "production.group.lobby";

test("a message whose answer is lost with the connection is stored once, and its sender learns where", async () => {
  const server = await startTestServer();
  const token = await server.token("bob");
  const client = createClient({
    url: server.url,
    token,
    transports: ["websocket"],
    maxReconnectDelayMs: 1,
    WebSocket: DeafSocket,
  });
  client.connect();
  const lobby = client.channel(LOBBY);
  const texts = ["one", "two", "three", "four", "five"];
  const sent = [];
  for (const text of texts) sent.push(await lobby.send(text));

  const { entries, hasMore } = await lobby.history({ limit: 10 });
  expect(entries.map(({ data }) => data)).toEqual(texts.map((text) => ({ text })));
  expect(entries.map(({ id, offset, at }) => ({ id, offset, at }))).toEqual(
    sent.map(({ id, offset, at }) => ({ id, offset, at })),
  );
  expect(hasMore).toBe(false);
  expect(DeafSocket.messages).toBe(2 * texts.length);
  client.disconnect();
});

/** Closes after every other message that it sends: the server hears the message, nobody hears the answer. */
class DeafSocket extends WebSocket {
  static messages = 0;

  override send(data: string): void {
    super.send(data);
    if (!data.includes('"message.send"')) return;
    DeafSocket.messages += 1;
    if (DeafSocket.messages % 2 === 1) this.close();
  }
}
