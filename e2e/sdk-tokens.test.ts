import { describe, expect, it } from "vitest";
import { Inbox } from "./support/inbox.ts";
import { nextEvent } from "./support/next-event.ts";
import { connectSdk, createSdkClient, DIALECTS, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";
import { inSeconds } from "./support/tokens.ts";

const CHANNEL = "production.group.lobby";
const NOTHING = { subscribe: [], publish: [] };

/** A `getToken` callback that notes each time it was asked. */
function tokenSource(makeToken: (time: number) => Promise<string>) {
  const requests = new Inbox<number>("requests for a token");
  const getToken = async (): Promise<string> => {
    requests.push(requests.items.length + 1);
    return makeToken(requests.items.length);
  };
  return { requests, getToken };
}

/** Requests for a token after which the first refresh is known to have been accepted. */
const REQUESTS = 3;

it("tokens are refreshed on the open connection, without reconnecting, in every dialect", async () => {
  const server = await startTestServer();
  const refreshes = DIALECTS.map(async (dialect) => {
    const { requests, getToken } = tokenSource(() => server.token("bob", { exp: inSeconds(1) }));
    const { centrifuge, pack } = await createSdkClient(server, { dialect, getToken });
    const connects = new Inbox<unknown>("connects");
    centrifuge.on("connected", (context) => connects.push(context));
    centrifuge.connect();
    await requests.atLeast(REQUESTS);
    await centrifuge.publish(CHANNEL, pack("still here"));
    return [dialect.name, connects.items.length];
  });
  expect(await Promise.all(refreshes)).toEqual(DIALECTS.map(({ name }) => [name, 1]));
});

it("subscription tokens let in whom the connection's would not, and are refreshed, in every dialect", async () => {
  const server = await startTestServer();
  const june = await connectSdk(server, { account: "june" });
  const refreshes = DIALECTS.map(async (dialect) => {
    const token = await server.token("bob", NOTHING);
    const bob = await connectSdk(server, { dialect, token });
    const { requests, getToken } = tokenSource(() =>
      server.token("bob", { ...NOTHING, channel: CHANNEL, exp: inSeconds(1) }),
    );
    const { subscription, publications } = await subscribeSdk(bob, CHANNEL, { getToken });
    const breaks = new Inbox<unknown>("breaks of the subscription");
    subscription.on("subscribing", (context) => breaks.push(context));
    await requests.atLeast(REQUESTS);
    return { publications, breaks };
  });
  const refreshed = await Promise.all(refreshes);
  await june.centrifuge.publish(CHANNEL, "hello");
  for (const { publications, breaks } of refreshed) {
    await publications.atLeast(1);
    expect(breaks.items).toEqual([]);
  }
});

describe.each(DIALECTS)("a token over $name", (dialect) => {
  it("that has run out is replaced by a new one, and the client comes in", async () => {
    const server = await startTestServer();
    const { requests, getToken } = tokenSource(() => server.token("bob"));
    const token = await server.token("bob", { exp: inSeconds(-60) });
    const { centrifuge, pack } = await createSdkClient(server, { dialect, token, getToken });
    const refused = nextEvent(centrifuge, "error");
    centrifuge.connect();
    expect(await refused).toMatchObject({
      error: { code: 109, message: "the token has run out; get a new one" },
    });
    await centrifuge.ready();
    expect(requests.items).toEqual([1]);
    await expect(centrifuge.publish(CHANNEL, pack(1))).resolves.toEqual({});
  });

  it("that is no good ends the connection for good", async () => {
    const server = await startTestServer();
    const { centrifuge } = await createSdkClient(server, { dialect, token: "not a token" });
    const disconnected = nextEvent(centrifuge, "disconnected");
    centrifuge.connect();
    expect(await disconnected).toEqual({ code: 3500, reason: "invalid token" });
  });
});
