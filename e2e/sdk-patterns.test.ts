import { describe, expect, it } from "vitest";
import { nextEvent } from "./support/next-event.ts";
import { connectSdk, DIALECTS, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const PATTERN = "production.sms.*";

describe.each(DIALECTS)("a subscription to a pattern over $name", (dialect) => {
  it("hears every channel that matches, named in the tags, and no other", async () => {
    const server = await startTestServer();
    const bob = await connectSdk(server, { dialect });
    const { publications } = await subscribeSdk(bob, PATTERN);
    const all = await subscribeSdk(bob, "production.>");
    const channels = ["production.sms.1", "production.group.1", "production.sms.2"];
    for (const channel of channels) await bob.centrifuge.publish(channel, bob.pack(channel));
    const heard = await publications.atLeast(2);
    expect(heard.map(({ tags }) => tags?.["channel"])).toEqual([channels[0], channels[2]]);
    expect(heard.map(({ channel }) => channel)).toEqual([PATTERN, PATTERN]);
    expect((await all.publications.atLeast(3)).map(({ tags }) => tags?.["channel"])).toEqual(
      channels,
    );
    expect(publications.items).toHaveLength(2);
  });

  it("recovers what was said on all of them, in the order of the log", async () => {
    const server = await startTestServer({ recovery: { ringSize: 8, pageSize: 16 } });
    const bob = await connectSdk(server, { dialect });
    const june = await connectSdk(server, { account: "june" });
    const { subscription, publications } = await subscribeSdk(bob, PATTERN);
    const publish = (n: number) => june.centrifuge.publish(`production.sms.${n % 7}`, n);
    await publish(1);
    await publications.atLeast(1);
    bob.centrifuge.disconnect();
    for (let n = 2; n <= 100; n += 1) {
      await publish(n);
      await june.centrifuge.publish("production.group.noise", n);
    }
    const subscribed = nextEvent(subscription, "subscribed");
    bob.centrifuge.connect();
    expect(await subscribed).toMatchObject({ wasRecovering: true, recovered: true });
    await publish(101);
    const heard = await publications.atLeast(101);
    const numbers = Array.from({ length: 101 }, (_, i) => i + 1);
    expect(heard.map(({ data }) => bob.unpack(data))).toEqual(numbers);
    expect(heard.map(({ tags }) => tags?.["channel"])).toEqual(
      numbers.map((n) => `production.sms.${n % 7}`),
    );
  });

  it("can be read back as history", async () => {
    const server = await startTestServer();
    const { centrifuge, pack } = await connectSdk(server, { dialect });
    for (const id of ["1", "2", "3"]) await centrifuge.publish(`production.sms.${id}`, pack(id));
    const { publications } = await centrifuge.history(PATTERN, { limit: 2, reverse: true });
    expect(publications.map(({ tags }) => tags?.["channel"])).toEqual([
      "production.sms.3",
      "production.sms.2",
    ]);
  });

  it("must be covered whole by the token", async () => {
    const server = await startTestServer();
    const token = await server.token("bob", { subscribe: ["production.sms.1"] });
    const { centrifuge } = await connectSdk(server, { dialect, token });
    const subscription = centrifuge.newSubscription(PATTERN);
    const ended = nextEvent(subscription, "unsubscribed");
    subscription.subscribe();
    expect(await ended).toEqual({
      channel: PATTERN,
      code: 103,
      reason: `bob's token has no subscribe pattern that covers ${PATTERN}`,
    });
  });
});
