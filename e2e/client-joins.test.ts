import { expect, it } from "vitest";
import { connectClient } from "./support/connect-client.ts";
import { Inbox } from "./support/inbox.ts";
import { startTestServer } from "./support/start-test-server.ts";

const LOBBY = "production.group.lobby";

it("whoever asks later hears who comes and goes too, and nobody misses or sees anything twice", async () => {
  const server = await startTestServer();
  const [ann, bob] = [
    await connectClient(server, "ann", { claims: {} }),
    await connectClient(server, "bob", { claims: {} }),
  ];
  const channel = ann.channel(LOBBY);
  const said = new Inbox<string | undefined>("messages");
  const came = new Inbox<string>("joins");
  const states: string[] = [];
  channel.onMessage(({ data }) => said.push(data.text));
  channel.on("join", ({ user }) => came.push(user));
  channel.on("state", ({ state }) => states.push(state));
  channel.subscribe();
  await channel.ready();
  await bob.channel(LOBBY).send("1");
  await said.atLeast(1);
  expect(ann.channel(LOBBY, { joinLeave: true })).toBe(channel);
  await bob.channel(LOBBY).send("2");
  await channel.ready();
  await bob.channel(LOBBY).send("3");
  await said.atLeast(3);
  bob.channel(LOBBY).subscribe();
  expect(await came.find((user) => user === "bob")).toBe("bob");
  expect(said.items).toEqual(["1", "2", "3"]);
  expect(states).not.toContain("unsubscribed");
});
