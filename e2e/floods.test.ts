import { expect, it } from "vitest";
import { startBystander } from "./support/bystander.ts";
import { connectRaw, openRaw } from "./support/raw-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const SLOW = { maxCommandsPerSecond: 10, maxCommandBurst: 100 };

function pings(count: number): object[] {
  return Array.from({ length: count }, () => ({ ping: {} }));
}

it("commands beyond the rate are refused with a time to wait, and the connection lives on", async () => {
  const server = await startTestServer({ socket: SLOW });
  const bystander = await startBystander(server);
  const client = await connectRaw(server);
  const replies = await client.requestAll(pings(150));
  const refused = replies.flatMap(({ error }) => error ?? []);
  expect(refused.length).toBeGreaterThanOrEqual(50);
  expect(refused[0]).toEqual({
    code: 111,
    message: expect.stringMatching(/^more than 10 commands a second; try again in \d+ ms$/),
    temporary: true,
  });
  expect(client.isOpen).toBe(true);
  await bystander.assertUndisturbed();
});

it("a flood that goes on in spite of that is cut with 3013", async () => {
  const server = await startTestServer({ socket: SLOW });
  const bystander = await startBystander(server);
  const client = await connectRaw(server);
  client.send(
    pings(5000)
      .map((ping, i) => JSON.stringify({ id: i + 2, ...ping }))
      .join("\n"),
  );
  expect(await client.closed).toEqual({ code: 3013, reason: "too many requests" });
  await bystander.assertUndisturbed();
});

it("a flood of commands that want no answer is cut too", async () => {
  const server = await startTestServer({ socket: SLOW });
  const client = await connectRaw(server);
  client.send(Array.from({ length: 5000 }, () => '{"send":{"data":{}}}').join("\n"));
  expect(await client.closed).toEqual({ code: 3013, reason: "too many requests" });
});

it("a client that makes mistakes now and then is never cut for their sum", async () => {
  const server = await startTestServer({ socket: { maxCommandBurst: 10_000 } });
  const client = await connectRaw(server);
  for (let i = 0; i < 5; i += 1) {
    const mistakes = Array.from({ length: 1000 }, () => ({ presence: { channel: "nowhere" } }));
    const replies = await client.requestAll(mistakes);
    expect(replies.every(({ error }) => error?.code === 102)).toBe(true);
  }
  expect(await client.request({ ping: {} })).toMatchObject({ ping: {} });
});

it("connections beyond the limit are told so with 3504", async () => {
  const server = await startTestServer({ socket: { maxConnections: 2 } });
  const bystander = await startBystander(server);
  const second = await connectRaw(server);
  const third = await openRaw(server);
  expect(await third.closed).toEqual({ code: 3504, reason: "connection limit" });
  second.socket.close();
  await second.closed;
  await connectRaw(server);
  await bystander.assertUndisturbed();
});
