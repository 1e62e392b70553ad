import { builtInConnectors } from "@anywire/connectors/built-in";
import type { MessageView, NotificationEvent } from "@anywire/types";
import { expect, it, vi } from "vitest";
import { connectClient } from "./support/connect-client.ts";
import { callHttp } from "./support/http-call.ts";
import { Inbox } from "./support/inbox.ts";
import { connectNetwork, type NetworkUnderTest, PATIENCE } from "./support/network-under-test.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const CONNECTORS = builtInConnectors
  .filter(({ simulator }) => simulator !== undefined)
  .map(({ id }) => id);

/** The only channel of a network, as soon as there is one. */
function onlyChannel({ call, channelType }: NetworkUnderTest): Promise<string> {
  return vi.waitFor(async () => {
    const { body } = await call("GET", `/v1/channels?type=${channelType}`);
    expect(body.channels).toHaveLength(1);
    return body.channels[0].channel as string;
  }, PATIENCE);
}

function untilSaid({ said }: NetworkUnderTest, channel: string, count: number) {
  return vi.waitFor(async () => {
    const all = await said(channel);
    expect(all).toHaveLength(count);
    return all;
  }, PATIENCE);
}

/** What the devices of an account hear of it. */
async function listenAs(server: TestServer, account: string): Promise<Inbox<NotificationEvent>> {
  const heard = new Inbox<NotificationEvent>(`what ${account} hears`);
  const client = await connectClient(server, account);
  client.on("account", ({ event }) => heard.push(event));
  return heard;
}

it.each(CONNECTORS)(
  "over %s what a person writes, the answer and its receipts stand in one channel, and the account hears of it",
  async (id) => {
    const server = await startTestServer();
    const heard = await listenAs(server, "bob");
    const network = await connectNetwork(server, id);
    const { handset, simulator, call } = network;
    const person = handset.identity.example;

    await handset.write(person, { text: "Hello there", subject: "A question" });
    const channel = await onlyChannel(network);
    const [first] = await untilSaid(network, channel, 1);
    expect(first).toMatch(/^contact:\S+: Hello there$/);
    const news = await heard.find(({ event }) => event === "message.new", "the person's message");
    expect(news).toMatchObject({ channel, change: { unread: 1 } });

    const message = await network.say(channel, "What can I do for you? 🙂");
    const [, got] = await network.received(person, 2);
    expect(got).toMatchObject({ direction: "in", person });
    expect(got?.text).toContain("What can I do for you? 🙂");
    await vi.waitFor(async () => {
      const { body } = await call("GET", `/v1/channels/${channel}/messages`);
      const sent = body.messages.find((one: MessageView) => one.id === message);
      const expected = network.receipts.delivered ? ["delivered", "read"] : ["sent"];
      expect(expected).toContain(sent.deliveries?.[0]?.status);
    }, PATIENCE);

    await handset.write(person, { text: "Two tickets, please", replyTo: got?.id ?? "" });
    expect((await untilSaid(network, channel, 3))[2]).toMatch(/^contact:\S+: Two tickets, please$/);
    const { body } = await call("GET", "/v1/me/snapshot");
    expect(body.totals).toEqual({ unread: 1, unreadChannels: 1 });
    // Nothing went out but what Bob said.
    expect(simulator.accepted).toBe(1);
  },
  60_000,
);

it("a second SMS to a contact takes the channel of the first, also after the number has changed", async () => {
  const server = await startTestServer();
  const network = await connectNetwork(server, "twilio-sms");
  const { handset, call } = network;
  const [before, after] = ["+447700900123", "+447700900124"];
  const channel = await network.open(`phone:${before}`);
  await network.say(channel, "one");
  await network.received(before, 1);
  expect(await network.open(`phone:${before}`)).toBe(channel);

  const { body: found } = await call(
    "GET",
    `/v1/contacts?address=phone:${encodeURIComponent(before)}`,
  );
  const rotate = { from: `phone:${before}`, to: `phone:${after}`, reason: "new number" };
  await call("POST", `/v1/contacts/${found.contacts[0].id}/addresses/rotate`, rotate);
  expect(await network.open(`phone:${after}`)).toBe(channel);
  await network.say(channel, "two");
  expect((await network.received(after, 1))[0]?.text).toBe("two");
  await handset.write(after, { text: "yes" });
  expect(await untilSaid(network, channel, 3)).toMatchObject({
    2: expect.stringMatching(/: yes$/),
  });
}, 60_000);

it("whoever begins, Bob and a contact have one channel on a network, and it names its connection", async () => {
  const server = await startTestServer();
  const network = await connectNetwork(server, "twilio-sms");
  const { handset, call } = network;
  await handset.write("+447700900123", { text: "I was first" });
  const channel = await onlyChannel(network);
  expect(await network.open("phone:+447700900123")).toBe(channel);
  const other = await network.open("phone:+447700900125");
  expect((await call("GET", `/v1/channels/${other}`)).body.connection).toBe("test-twilio-sms");
  await handset.write("+447700900125", { text: "I was asked, but nothing was said" });
  await untilSaid(network, other, 1);
}, 60_000);

it("a WhatsApp id that only Meta knows is no address for Twilio's WhatsApp", async () => {
  const server = await startTestServer();
  const meta = await connectNetwork(server, "whatsapp-cloud");
  const twilio = await connectNetwork(server, "twilio-whatsapp", { isDefault: false });
  await meta.handset.write("+447700900123", { text: "over Meta" });
  await untilSaid(meta, await onlyChannel(meta), 1);
  await twilio.handset.write("+447700900123", { text: "over Twilio" });
  const channel = await twilio.open("whatsapp:+447700900123", twilio.connection);
  await untilSaid(twilio, channel, 1);
  await twilio.say(channel, "to the number");
  expect((await twilio.received("+447700900123", 2))[1]?.text).toBe("to the number");
}, 60_000);

it("whoever tries a connection out takes over nobody's conversation: the person's answer comes to who was talking to them", async () => {
  const server = await startTestServer();
  const network = await connectNetwork(server, "twilio-sms");
  const channel = await network.open("phone:+447700900123");
  await network.say(channel, "Shall we?");
  await network.received("+447700900123", 1);
  const all = ["production.>", "production.connection.*"];
  const ops = await server.token("ops", { subscribe: all, publish: all, manage: all });
  const test = (to: string) =>
    callHttp(server, ops, "POST", "/v1/connections/test-twilio-sms/test", { to });
  expect(await test("email:a@b.example")).toMatchObject({
    ...{ status: 400, body: { detail: expect.stringContaining("does not reach email:a@b.exam") } },
  });
  const { body: tried } = await test("phone:+447700900123");
  expect(tried.channel).not.toBe(channel);
  await network.delivery(tried.channel, tried.message, "delivered");
  await network.handset.write("+447700900123", { text: "Let us!" });
  const said = await untilSaid(network, channel, 2);
  expect(said[1]).toMatch(/^contact:\S+: Let us!$/);
}, 60_000);
