import { type ClientTransport, createClient, type MessageEntry } from "@anywire/client";
import { EventSource } from "eventsource";
import { expect, test } from "vitest";
import { startTestServer } from "./support/start-test-server.ts";

const LOBBY = "production.group.lobby";
const TRANSPORTS: ClientTransport[] = ["websocket", "http_stream", "sse"];

test.each(TRANSPORTS)(
  "over %s one sends, hears, reads, and gets what was missed",
  async (transport) => {
    const server = await startTestServer();
    const clientOf = async (account: string) =>
      createClient({
        url: server.url,
        token: await server.token(account),
        transports: [transport],
        EventSource,
      });
    const bob = await clientOf("bob");
    const june = await clientOf("june");
    const heard: MessageEntry[] = [];
    const lobby = june.channel(LOBBY);
    lobby.on("message", (message) => heard.push(message));
    lobby.subscribe();
    june.connect();
    await lobby.ready();
    bob.connect();

    const first = await bob.channel(LOBBY).send("heard");
    june.disconnect();
    const second = await bob.channel(LOBBY).send("missed");
    const recovered = new Promise((resolve) => lobby.on("recovered", resolve));
    june.connect();
    await expect(recovered).resolves.toEqual({ afterOffset: first.offset });
    expect(heard).toEqual([
      expect.objectContaining({
        id: first.id,
        sender: "account:bob",
        at: first.at,
        data: { text: "heard" },
      }),
      expect.objectContaining({
        id: second.id,
        sender: "account:bob",
        at: second.at,
        data: { text: "missed" },
      }),
    ]);
    expect((await lobby.history({ limit: 10 })).entries).toEqual(heard);
    bob.disconnect();
    june.disconnect();
  },
);
