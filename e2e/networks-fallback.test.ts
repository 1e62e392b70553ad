import { expect, it, vi } from "vitest";
import { connectNetwork, type NetworkUnderTest, PATIENCE } from "./support/network-under-test.ts";
import { startTestServer } from "./support/start-test-server.ts";

const ANN = "+447700900123";
const NO_RATES = ["connection", "sender", "recipient"].map((scope) => ({ scope, rate: 0 }));

/** The channel of what somebody has begun. */
async function begunBy(network: NetworkUnderTest, person: string): Promise<string> {
  await network.handset.write(person, { text: "Hello" });
  return await vi.waitFor(async () => {
    const { body } = await network.call("GET", `/v1/channels?type=${network.channelType}`);
    expect(body.channels).toHaveLength(1);
    return body.channels[0].channel;
  }, PATIENCE);
}

it("what WhatsApp has not delivered within a second goes out as an SMS, and the answer to that comes back to the WhatsApp channel", async () => {
  const server = await startTestServer();
  const sms = await connectNetwork(server, "twilio-sms", { limits: NO_RATES });
  const fallback = { connection: sms.connection, afterMs: 1_000 };
  const whatsapp = await connectNetwork(server, "whatsapp-cloud", { fallback });
  const channel = await begunBy(whatsapp, ANN);

  // The phone is switched off: the network takes the message, and no receipt comes.
  whatsapp.simulator.inject({ kind: "drop_webhook", times: 10 });
  const message = await whatsapp.say(channel, "Are you there?");
  const [shown] = await sms.received(ANN, 1);
  expect(shown?.text).toBe("Are you there?");
  const path = `/v1/deliveries?channel=${channel}&message=${message}`;
  await vi.waitFor(async () => {
    const { body } = await whatsapp.call("GET", path);
    expect(body.deliveries).toHaveLength(2);
    const [standIn, first] = body.deliveries;
    expect(first).toMatchObject({ connection: whatsapp.connection, status: "sent" });
    expect(standIn).toMatchObject({ status: "delivered", fallbackOf: first.id, network: "sms" });
    expect(standIn.createdAt - first.createdAt).toBeGreaterThanOrEqual(1_000);
  }, PATIENCE);

  await sms.handset.write(ANN, { text: "Yes, by SMS" });
  await vi.waitFor(async () => expect(await whatsapp.said(channel)).toHaveLength(3), PATIENCE);
  expect((await whatsapp.said(channel)).at(-1)).toMatch(/^contact:\S+: Yes, by SMS$/);
  const { body: others } = await sms.call("GET", "/v1/channels?type=sms");
  expect(others.channels).toEqual([]);
  expect([whatsapp.simulator.accepted, sms.simulator.accepted]).toEqual([1, 1]);
}, 60_000);

it("what WhatsApp delivers in time goes out once", async () => {
  const server = await startTestServer();
  const sms = await connectNetwork(server, "twilio-sms", { limits: NO_RATES });
  const fallback = { connection: sms.connection, afterMs: 1_000 };
  const whatsapp = await connectNetwork(server, "whatsapp-cloud", { fallback });
  const channel = await begunBy(whatsapp, ANN);
  const message = await whatsapp.say(channel, "Are you there?");
  await whatsapp.delivery(channel, message, "delivered");
  // Were there a stand-in for the first, it would come before that for the second.
  whatsapp.simulator.inject({ kind: "drop_webhook", times: 10 });
  await whatsapp.say(channel, "And now?");
  expect((await sms.received(ANN, 1)).map(({ text }) => text)).toEqual(["And now?"]);
}, 60_000);

it("with a rate of 10 a second no more leave in any, and channels take turns", async () => {
  const server = await startTestServer();
  const others = NO_RATES.slice(1);
  // One a day: the first one leaves, and all others are there before the rate begins that is looked at.
  const perDay = { scope: "connection", rate: 1, perMs: 86_400_000 };
  const network = await connectNetwork(server, "twilio-sms", { limits: [...others, perDay] });
  const persons = Array.from({ length: 4 }, (_, i) => `+44770090012${i}`);
  const channels: string[] = [];
  for (const person of persons) {
    channels.push(await network.open(`phone:${person}`, network.connection));
  }
  const warm = await network.say(channels[0] ?? "", "The first one loads what speaks to Twilio");
  await network.delivery(channels[0] ?? "", warm, "delivered");

  // One says much more than the others.
  const flood = channels.flatMap((channel, i) =>
    Array.from({ length: i === 0 ? 40 : 10 }, (_, n) => network.say(channel, `${i} ${n}`)),
  );
  await Promise.all(flood);
  await vi.waitFor(async () => {
    const query = `connection=${network.connection}&state=open&limit=1000`;
    const { body } = await network.call("GET", `/v1/deliveries?${query}`);
    expect(body.deliveries).toHaveLength(flood.length);
  }, PATIENCE);
  const seen: { readonly at: number; readonly person: string }[] = [];
  let accepted = network.simulator.accepted;
  network.handset.onChange((person) => {
    if (network.simulator.accepted === accepted) return;
    accepted = network.simulator.accepted;
    seen.push({ at: performance.now(), person });
  });
  const limits = [...others, { scope: "connection", rate: 10 }];
  await network.call("PATCH", `/v1/connections/${network.connection}`, { limits });
  await vi.waitFor(() => expect(seen).toHaveLength(flood.length), PATIENCE);
  const begin = seen[0]?.at ?? 0;
  const inSecond = (second: number): number =>
    seen.filter(({ at }) => Math.floor((at - begin) / 1000) === second).length;
  const counts = Array.from({ length: 6 }, (_, second) => inSecond(second));
  expect(Math.max(...counts), counts.join(" ")).toBeLessThanOrEqual(11);
  for (const person of persons) {
    const turns = seen.slice(0, 20).filter((one) => one.person === person).length;
    expect(Math.abs(turns - 5), `${person}: ${turns} of 20`).toBeLessThanOrEqual(1);
  }
}, 60_000);
