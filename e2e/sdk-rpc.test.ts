import { describe, expect, it } from "vitest";
import { connectSdk, DIALECTS, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.lobby";

describe.each(DIALECTS)("calls over $name", (dialect) => {
  it("stores a message once, however often the same id is sent", async () => {
    const server = await startTestServer();
    const { centrifuge, pack, unpack } = await connectSdk(server, { dialect });
    const request = pack({ channel: CHANNEL, id: "greeting-1", text: "hello" });
    const first = await centrifuge.rpc("message.send", request);
    const again = await centrifuge.rpc("message.send", request);
    expect(unpack(first.data)).toEqual({
      id: "greeting-1",
      channel: CHANNEL,
      offset: 1,
      epoch: expect.any(String),
      timetoken: expect.stringMatching(/^\d{17}$/),
      at: expect.any(Number),
    });
    expect(unpack(again.data)).toEqual(unpack(first.data));
    const { publications } = await centrifuge.history(CHANNEL, { limit: 10 });
    expect(publications.map(({ data }) => unpack(data))).toEqual([{ text: "hello" }]);
  });

  it("tells a channel of a signal and stores nothing", async () => {
    const server = await startTestServer();
    const bob = await connectSdk(server, { dialect, account: "bob" });
    const june = await connectSdk(server, { dialect, account: "june" });
    const { publications } = await subscribeSdk(june, CHANNEL);
    const signal = bob.pack({ channel: CHANNEL, kind: "typing", data: { draft: 12 } });
    await bob.centrifuge.rpc("signal.send", signal);
    const [heard] = await publications.atLeast(1);
    expect(heard).toMatchObject({
      info: { user: "bob" },
      tags: { kind: "signal", signal: "typing" },
    });
    expect(june.unpack(heard?.data)).toEqual({ draft: 12 });
    expect(await bob.centrifuge.history(CHANNEL, { limit: 10 })).toMatchObject({
      publications: [],
      offset: 0,
    });
  });

  it("does the same without an answer when it comes by send", async () => {
    const server = await startTestServer();
    const client = await connectSdk(server, { dialect });
    const { publications } = await subscribeSdk(client, CHANNEL);
    const data = { channel: CHANNEL, id: "one-way", text: "no answer" };
    await client.centrifuge.send(client.pack({ method: "message.send", data }));
    expect((await publications.atLeast(1))[0]?.tags).toMatchObject({ id: "one-way" });
  });

  it("names the methods there are when one is asked for that is not there", async () => {
    const server = await startTestServer();
    const { centrifuge, pack } = await connectSdk(server, { dialect });
    await expect(centrifuge.rpc("nope", pack({}))).rejects.toMatchObject({
      code: 104,
      message:
        "there is no method nope; there are signal.*, token.*, presence.*, channel.*, message.*, reaction.*, pin.*, me.*, device.*, account.*, contact.*, connection.*, connector.*, delivery.*",
    });
    await expect(centrifuge.rpc("reaction.put", pack({}))).rejects.toMatchObject({
      message: "there is no method reaction.put; there are reaction.add, reaction.remove",
    });
  });

  it("says of a malformed message which field is wrong", async () => {
    const server = await startTestServer();
    const { centrifuge, pack } = await connectSdk(server, { dialect });
    const request = pack({ channel: CHANNEL, id: "not an id", text: "hello" });
    await expect(centrifuge.rpc("message.send", request)).rejects.toMatchObject({
      code: 107,
      message: "id: must be 1 to 64 letters, digits, _ or -",
    });
  });
});
