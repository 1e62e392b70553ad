import { describe, expect, it } from "vitest";
import { nextEvent } from "./support/next-event.ts";
import { connectSdk, createSdkClient, DIALECTS, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.lobby";

describe.each(DIALECTS)("the official SDK over $name", (dialect) => {
  it("connects and is told the account, the platform and the limits", async () => {
    const server = await startTestServer();
    const { centrifuge, unpack } = await createSdkClient(server, { dialect, account: "june" });
    const connected = nextEvent(centrifuge, "connected");
    centrifuge.connect();
    const { client, transport, data } = await connected;
    expect(client).toMatch(/^[0-9a-f-]{36}$/);
    expect(transport).toBe(dialect.transport);
    expect(unpack(data)).toMatchObject({
      account: "june",
      platform: "production",
      limits: { maxMessageBytes: 65_536, maxSubscriptions: 1000 },
    });
  });

  it("hands what one client publishes to the other, once and in order", async () => {
    const server = await startTestServer();
    const bob = await connectSdk(server, { dialect, account: "bob" });
    const june = await connectSdk(server, { dialect, account: "june" });
    const { publications } = await subscribeSdk(june, CHANNEL);
    const values = [{ text: "hello ☃" }, [1, 2, 3], "plain", null, { deep: { er: true } }];
    for (const value of values) await bob.centrifuge.publish(CHANNEL, bob.pack(value));
    const heard = await publications.atLeast(values.length);
    expect(heard.map(({ data }) => june.unpack(data))).toEqual(values);
    expect(heard.map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5]);
    expect(heard[0]).toMatchObject({
      info: { user: "bob" },
      tags: { id: expect.any(String), kind: "message", at: expect.stringMatching(/^\d{13}$/) },
    });
    expect(heard[1]?.tags).toMatchObject({ kind: "data" });
  });

  it("is refused with a code and a sentence when it may not publish", async () => {
    const server = await startTestServer();
    const { centrifuge, pack } = await connectSdk(server, {
      dialect,
      token: await server.token("bob", { publish: [] }),
    });
    await expect(centrifuge.publish(CHANNEL, pack("no"))).rejects.toMatchObject({
      code: 103,
      message: `bob takes no part in ${CHANNEL}, and bob's token has no publish pattern that covers it`,
    });
  });

  it("hears nothing more after it has unsubscribed", async () => {
    const server = await startTestServer();
    const bob = await connectSdk(server, { dialect, account: "bob" });
    const june = await connectSdk(server, { dialect, account: "june" });
    const left = await subscribeSdk(june, CHANNEL);
    const kept = await subscribeSdk(june, "production.group.other");
    await bob.centrifuge.publish(CHANNEL, bob.pack("before"));
    await left.publications.atLeast(1);
    left.subscription.unsubscribe();
    await june.centrifuge.presenceStats(CHANNEL);
    await bob.centrifuge.publish(CHANNEL, bob.pack("after"));
    await bob.centrifuge.publish("production.group.other", bob.pack("last"));
    await kept.publications.atLeast(1);
    expect(left.publications.items).toHaveLength(1);
  });
});
