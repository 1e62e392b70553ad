import { expect, it } from "vitest";
import { startBystander } from "./support/bystander.ts";
import { connectRaw, type RawClient, type WireReply } from "./support/raw-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const MANY = 10_000;
/** Commands that fit into one frame. */
const IN_ONE_FRAME = 1000;
const ALLOWED = { maxCommandBurst: 3 * MANY };

async function subscribeAll(client: RawClient, names: readonly string[]): Promise<WireReply[]> {
  const replies: WireReply[] = [];
  for (let i = 0; i < names.length; i += IN_ONE_FRAME) {
    const commands = names
      .slice(i, i + IN_ONE_FRAME)
      .map((channel) => ({ subscribe: { channel } }));
    replies.push(...(await client.requestAll(commands)));
  }
  return replies;
}

function channels(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `production.group.${i}`);
}

it("more subscriptions than the limit are refused, and the connection lives on", async () => {
  const server = await startTestServer({ socket: ALLOWED });
  const bystander = await startBystander(server);
  const client = await connectRaw(server);
  const replies = await subscribeAll(client, channels(MANY));
  const refused = replies.flatMap(({ error }) => error ?? []);
  // One of the thousand is the account's notification channel.
  expect(refused).toHaveLength(MANY - 999);
  expect(refused[0]).toEqual({
    code: 106,
    message: "a connection has at most 1000 subscriptions; subscribe to a pattern instead",
  });
  const { error } = await client.request({ subscribe: { channel: "production.>" } });
  expect(error?.code).toBe(106);
  await client.request({ unsubscribe: { channel: "production.group.0" } });
  expect((await client.request({ subscribe: { channel: "production.>" } })).error).toBeUndefined();
  await client.request({ publish: { channel: "production.sms.1", data: 1 } });
  await client.replies.find(({ push }) => push?.channel === "production.>");
  await bystander.assertUndisturbed();
});

it("ten thousand channels and ten thousand patterns work where they are allowed", async () => {
  const server = await startTestServer({
    socket: { ...ALLOWED, maxSubscriptions: 2 * MANY + 1, pingIntervalMs: 600_000 },
  });
  const bystander = await startBystander(server);
  const client = await connectRaw(server);
  const patterns = Array.from({ length: MANY }, (_, i) => `production.*.${i}`);
  const replies = await subscribeAll(client, [...channels(MANY), ...patterns]);
  expect(replies.filter(({ error }) => error !== undefined)).toEqual([]);
  const last = MANY - 1;
  await client.request({ publish: { channel: `production.group.${last}`, data: 1 } });
  await client.request({ publish: { channel: `production.sms.${last}`, data: 2 } });
  await client.request({ publish: { channel: "production.sms.none", data: 3 } });
  await client.request({ ping: {} });
  const heard = client.replies.items.flatMap(({ push }) =>
    push?.pub === undefined ? [] : [`${push.channel} ${push.pub.data}`],
  );
  expect(heard.sort()).toEqual([
    `production.*.${last} 1`,
    `production.*.${last} 2`,
    `production.group.${last} 1`,
  ]);
  await bystander.assertUndisturbed();
});
