import { describe, expect, it } from "vitest";
import { nextEvent } from "./support/next-event.ts";
import { connectSdk, DIALECTS, type SdkClient, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.lobby";
/** So small that whoever comes back after more than this is caught up from the log, page by page. */
const SMALL = { ringSize: 16, pageSize: 64 };
const MISSED = 2000;

async function publishNumbers(server: TestServer, from: number, to: number): Promise<void> {
  const { centrifuge } = await connectSdk(server, { account: "publisher" });
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  await Promise.all(numbers.map((n) => centrifuge.publish(CHANNEL, n)));
  centrifuge.disconnect();
}

function reconnected({ centrifuge }: SdkClient): Promise<unknown> {
  const connected = nextEvent(centrifuge, "connected");
  centrifuge.connect();
  return connected;
}

describe.each(DIALECTS)("coming back over $name", (dialect) => {
  it("recovers the few entries it missed from the ring", async () => {
    const server = await startTestServer({ recovery: SMALL });
    const client = await connectSdk(server, { dialect });
    const { subscription, publications } = await subscribeSdk(client, CHANNEL);
    await publishNumbers(server, 1, 5);
    await publications.atLeast(5);
    client.centrifuge.disconnect();
    await publishNumbers(server, 6, 15);
    const subscribed = nextEvent(subscription, "subscribed");
    await reconnected(client);
    expect(await subscribed).toMatchObject({ wasRecovering: true, recovered: true });
    await publishNumbers(server, 16, 16);
    const heard = await publications.atLeast(16);
    expect(heard.map(({ data }) => client.unpack(data))).toEqual(countTo(16));
  });

  it("recovers far more than ring and page hold, while more comes in", async () => {
    const server = await startTestServer({ recovery: SMALL });
    const client = await connectSdk(server, { dialect });
    const { subscription, publications } = await subscribeSdk(client, CHANNEL);
    await publishNumbers(server, 1, 1);
    await publications.atLeast(1);
    client.centrifuge.disconnect();
    await publishNumbers(server, 2, MISSED);
    const subscribed = nextEvent(subscription, "subscribed");
    await Promise.all([reconnected(client), publishNumbers(server, MISSED + 1, MISSED + 200)]);
    expect(await subscribed).toMatchObject({ wasRecovering: true, recovered: true });
    const heard = await publications.atLeast(MISSED + 200);
    expect(heard.map(({ data }) => client.unpack(data))).toEqual(countTo(MISSED + 200));
  });

  it("recovers several channels at once, each completely", async () => {
    const server = await startTestServer({ recovery: SMALL });
    const client = await connectSdk(server, { dialect });
    const channels = ["a", "b", "c", "d", "e", "f"].map((id) => `production.group.${id}`);
    const subscriptions = await Promise.all(channels.map((name) => subscribeSdk(client, name)));
    const publisher = await connectSdk(server, { account: "publisher" });
    const publish = (n: number) =>
      Promise.all(channels.map((name) => publisher.centrifuge.publish(name, bulky(n))));
    await publish(1);
    for (const { publications } of subscriptions) await publications.atLeast(1);
    client.centrifuge.disconnect();
    for (let n = 2; n <= 200; n += 1) await publish(n);
    await reconnected(client);
    await publish(201);
    for (const { publications } of subscriptions) {
      const heard = await publications.atLeast(201);
      expect(heard.map(({ data }) => numberIn(client.unpack(data)))).toEqual(countTo(201));
    }
  });

  it("is told when its position is of another log, and gets what comes from then on", async () => {
    const server = await startTestServer();
    const client = await connectSdk(server, { dialect });
    const since = { offset: 1, epoch: "another" };
    const subscription = client.centrifuge.newSubscription(CHANNEL, { since });
    const subscribed = nextEvent(subscription, "subscribed");
    subscription.subscribe();
    expect(await subscribed).toMatchObject({ wasRecovering: true, recovered: false });
    const heard = nextEvent(subscription, "publication");
    await client.centrifuge.publish(CHANNEL, client.pack("fresh"));
    expect(client.unpack((await heard).data)).toBe("fresh");
  });
});

function countTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

function bulky(n: number): object {
  return { n, padding: "x".repeat(2000) };
}

function numberIn(value: unknown): number {
  return (value as { n: number }).n;
}
