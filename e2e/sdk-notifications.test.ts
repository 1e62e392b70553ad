import { describe, expect, it } from "vitest";
import { nextEvent } from "./support/next-event.ts";
import { connectSdk, createSdkClient, DIALECTS } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.notification.bob";

describe.each(DIALECTS)("the notification channel over $name", (dialect) => {
  it("is subscribed to by the server, and recovers like any other", async () => {
    const server = await startTestServer();
    const { centrifuge } = await createSdkClient(server, { dialect });
    const subscribed = nextEvent(centrifuge, "subscribed");
    centrifuge.connect();
    expect(await subscribed).toMatchObject({
      channel: CHANNEL,
      recoverable: true,
      positioned: true,
      streamPosition: { epoch: expect.any(String) },
    });
    centrifuge.disconnect();
    const again = nextEvent(centrifuge, "subscribed");
    centrifuge.connect();
    expect(await again).toMatchObject({ channel: CHANNEL, wasRecovering: true, recovered: true });
  });

  it("is written to by the server only", async () => {
    const server = await startTestServer();
    const { centrifuge, pack } = await connectSdk(server, { dialect });
    await expect(centrifuge.publish(CHANNEL, pack("forged"))).rejects.toMatchObject({
      code: 103,
      message: `only the server writes to ${CHANNEL}`,
    });
    const request = pack({ channel: CHANNEL, text: "forged" });
    await expect(centrifuge.rpc("message.send", request)).rejects.toMatchObject({ code: 103 });
  });

  it("of somebody else can't be heard without a pattern that covers it", async () => {
    const server = await startTestServer();
    const token = await server.token("bob", { subscribe: ["production.group.>"] });
    const { centrifuge } = await connectSdk(server, { dialect, token });
    const subscription = centrifuge.newSubscription("production.notification.june");
    const ended = nextEvent(subscription, "unsubscribed");
    subscription.subscribe();
    expect(await ended).toMatchObject({ code: 103 });
  });
});
