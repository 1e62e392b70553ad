import type { JoinContext, LeaveContext } from "centrifuge";
import { describe, expect, it } from "vitest";
import { Inbox } from "./support/inbox.ts";
import { connectSdk, DIALECTS, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.lobby";

describe.each(DIALECTS)("presence over $name", (dialect) => {
  it("names every connection on a channel and counts accounts once", async () => {
    const server = await startTestServer();
    const clients = await Promise.all(
      ["bob", "bob", "june"].map((account) => connectSdk(server, { dialect, account })),
    );
    for (const client of clients) await subscribeSdk(client, CHANNEL);
    const { centrifuge } = await connectSdk(server, { dialect, account: "mia" });
    const { clients: members } = await centrifuge.presence(CHANNEL);
    expect(
      Object.values(members)
        .map(({ user }) => user)
        .sort(),
    ).toEqual(["bob", "bob", "june"]);
    for (const [id, { client }] of Object.entries(members)) expect(client).toBe(id);
    expect(await centrifuge.presenceStats(CHANNEL)).toEqual({ numClients: 3, numUsers: 2 });
  });

  it("tells those who want to know who comes and who goes, however they go", async () => {
    const server = await startTestServer();
    const bob = await connectSdk(server, { dialect, account: "bob" });
    const { subscription } = await subscribeSdk(bob, CHANNEL, { joinLeave: true });
    const events = new Inbox<string>("joins and leaves");
    const note = (what: string) => (context: JoinContext | LeaveContext) => {
      if (context.info.user !== "bob") events.push(`${context.info.user} ${what}`);
    };
    subscription.on("join", note("joined"));
    subscription.on("leave", note("left"));
    const june = await connectSdk(server, { dialect, account: "june" });
    await subscribeSdk(june, CHANNEL);
    await events.atLeast(1);
    const mia = await connectSdk(server, { dialect, account: "mia" });
    const hers = await subscribeSdk(mia, CHANNEL);
    await events.atLeast(2);
    hers.subscription.unsubscribe();
    await events.atLeast(3);
    june.centrifuge.disconnect();
    expect(await events.atLeast(4)).toEqual(["june joined", "mia joined", "mia left", "june left"]);
    expect(await bob.centrifuge.presenceStats(CHANNEL)).toEqual({ numClients: 1, numUsers: 1 });
  });
});
