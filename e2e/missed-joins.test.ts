import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { connectRaw } from "./support/raw-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.busy";
const MESSAGES = 4_000;

it("who did not read while somebody came is told to begin anew, after everything that was said", async () => {
  const server = await startTestServer({
    socket: {
      maxBufferedBytes: 64 * 1024,
      maxCommandsPerSecond: 1_000_000,
      maxCommandBurst: 1_000_000,
    },
  });
  const slow = await connectRaw(server, "slow");
  await slow.request({ subscribe: { channel: CHANNEL, join_leave: true } });
  const publisher = await connectRaw(server, "publisher");
  slow.socket.pause();
  for (let sent = 0; sent < MESSAGES; sent += 20) {
    const data = randomBytes(1_500).toString("base64");
    await publisher.requestAll(
      Array.from({ length: 20 }, () => ({ publish: { channel: CHANNEL, data } })),
    );
  }
  const late = await connectRaw(server, "late");
  await late.request({ subscribe: { channel: CHANNEL } });
  slow.socket.resume();
  const end = await slow.replies.find(({ push }) => push?.unsubscribe !== undefined);
  expect(end.push).toMatchObject({ channel: CHANNEL, unsubscribe: { code: 2500 } });
  const offsets = slow.replies.items.flatMap(({ push }) => push?.pub?.offset ?? []);
  expect(offsets).toHaveLength(MESSAGES);

  // What an SDK does then.
  const recover = { recover: true, offset: offsets.at(-1), epoch: await epochOf() };
  const again = await slow.request({
    subscribe: { channel: CHANNEL, join_leave: true, ...recover },
  });
  expect(again.subscribe?.recovered).toBe(true);
  const { presence_stats: stats } = await slow.request({ presence_stats: { channel: CHANNEL } });
  expect(stats).toEqual({ num_clients: 2, num_users: 2 });
  await late.request({ unsubscribe: { channel: CHANNEL } });
  await slow.replies.find(({ push }) => push !== undefined && "leave" in push);

  async function epochOf(): Promise<string | undefined> {
    const { subscribe } = await publisher.request({ subscribe: { channel: CHANNEL } });
    await publisher.request({ unsubscribe: { channel: CHANNEL } });
    return subscribe?.epoch;
  }
}, 60_000);
