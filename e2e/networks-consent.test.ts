import type { DeliveryHistory } from "@anywire/types";
import { expect, it, vi } from "vitest";
import { connectNetwork, type NetworkUnderTest, PATIENCE } from "./support/network-under-test.ts";
import { startTestServer } from "./support/start-test-server.ts";

const ANN = "+447700900123";
const NO_RATES = {
  limits: ["connection", "sender", "recipient"].map((scope) => ({ scope, rate: 0 })),
};

/** Asserts that a message failed for want of consent without the network being called. */
async function assertRefused(
  network: NetworkUnderTest,
  channel: string,
  reason: RegExp,
): Promise<void> {
  const before = network.simulator.accepted;
  const message = await network.say(channel, "An offer");
  const { id } = await network.delivery(channel, message, "failed");
  const { body } = await network.call("GET", `/v1/deliveries/${id}`);
  const { steps, error, attempts } = body as DeliveryHistory;
  expect(error).toMatchObject({ class: "consent", reason: expect.stringMatching(reason) });
  expect([attempts, steps.map(({ step }) => step)]).toEqual([0, ["queued", "failed"]]);
  expect(network.simulator.accepted).toBe(before);
}

/** Has Ann write something; resolves when it is on the channel. */
async function hear(network: NetworkUnderTest, channel: string, text: string): Promise<void> {
  const { length } = await network.said(channel);
  await network.handset.write(ANN, { text });
  await vi.waitFor(
    async () => expect((await network.said(channel)).length).toBeGreaterThan(length),
    PATIENCE,
  );
}

it("after STOP from the handset nothing goes out, with the reason on record, until START", async () => {
  const server = await startTestServer();
  const sms = await connectNetwork(server, "twilio-sms", NO_RATES);
  const pigeons = await connectNetwork(server, "pigeon", NO_RATES);
  const channel = await sms.open(`phone:${ANN}`);
  const before = await sms.say(channel, "before");
  await sms.delivery(channel, before, "delivered");
  await hear(sms, channel, "Please stop by tomorrow");
  const between = await sms.say(channel, "I shall");
  await sms.delivery(channel, between, "delivered");

  await hear(sms, channel, " Stop. ");
  await assertRefused(sms, channel, /the person said no on [\d-]+ \(wrote stop\)/);
  // It was said to this connection: others go on.
  const loft = await pigeons.open("pigeon:loft-7");
  const flight = await pigeons.say(loft, "coo");
  await pigeons.delivery(loft, flight, "delivered");

  await hear(sms, channel, "START");
  const after = await sms.say(channel, "Welcome back");
  await sms.delivery(channel, after, "delivered");
  expect((await sms.received(ANN, 3)).filter(({ direction }) => direction === "in")).toMatchObject([
    ...[{ text: "before" }, { text: "I shall" }, { text: "Welcome back" }],
  ]);
}, 60_000);

it("what an operator records counts like the person's own word, on one connection or on all", async () => {
  const server = await startTestServer();
  const sms = await connectNetwork(server, "twilio-sms", NO_RATES);
  const channel = await sms.open(`phone:${ANN}`);
  const address = `phone:${ANN}`;
  const { body } = await sms.call("GET", `/v1/contacts?address=${encodeURIComponent(address)}`);
  const record = async (wish: object): Promise<void> => {
    const path = `/v1/contacts/${body.contacts[0].id}/consent`;
    const answer = await sms.call("POST", path, { address, ...wish });
    expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status);
  };
  const { connection } = sms;
  await record({ state: "out", reason: "said so on the phone" });
  await assertRefused(sms, channel, /said so on the phone/);
  await record({ state: "in", reason: "changed their mind" });
  const first = await sms.say(channel, "one");
  await sms.delivery(channel, first, "delivered");
  await record({ connection, state: "out", reason: "not by SMS" });
  await assertRefused(sms, channel, /not by SMS/);
  await record({ connection, state: "in", reason: "by SMS after all" });
  const second = await sms.say(channel, "two");
  await sms.delivery(channel, second, "delivered");
  expect(sms.simulator.accepted).toBe(2);
}, 60_000);
