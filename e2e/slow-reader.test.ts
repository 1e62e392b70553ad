import diagnostics from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { connectRaw, type RawClient, type WirePublication } from "./support/raw-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.busy";
const MESSAGES = 50_000;
const IN_ONE_FRAME = 500;
const MAX_BUFFERED = 64 * 1024;

/** Notes each socket that a server in this process accepts. */
function acceptedSockets(): Socket[] {
  const sockets: Socket[] = [];
  const note = (message: unknown): void => {
    sockets.push((message as { socket: Socket }).socket);
  };
  diagnostics.subscribe("net.server.socket", note);
  onTestFinished(() => {
    diagnostics.unsubscribe("net.server.socket", note);
  });
  return sockets;
}

async function publishNumbers(client: RawClient, from: number, count: number): Promise<void> {
  const padding = "x".repeat(100);
  const replies = await client.requestAll(
    Array.from({ length: count }, (_, i) => ({
      publish: { channel: CHANNEL, data: { n: from + i, padding } },
    })),
  );
  expect(replies.filter(({ error }) => error !== undefined)).toEqual([]);
}

function expectAllInOrder(publications: readonly WirePublication[]): void {
  expect(publications.length).toBe(MESSAGES);
  const isInOrder = publications.every(
    ({ data, offset }, i) => (data as { n: number }).n === i + 1 && offset === i + 1,
  );
  expect(isInOrder).toBe(true);
}

it("a socket that stops reading costs a bounded buffer, hinders nobody, and gets everything when it reads on", async () => {
  const server = await startTestServer({
    socket: {
      maxBufferedBytes: MAX_BUFFERED,
      maxCommandsPerSecond: MESSAGES,
      maxCommandBurst: MESSAGES,
    },
    recovery: { ringSize: 256, pageSize: 500 },
  });
  const sockets = acceptedSockets();
  const slow = await connectRaw(server, "slow");
  const [slowSocket] = sockets;
  const quick = await connectRaw(server, "quick");
  const publisher = await connectRaw(server, "publisher");
  for (const client of [slow, quick]) await client.request({ subscribe: { channel: CHANNEL } });
  slow.socket.pause();

  let mostBuffered = 0;
  for (let n = 1; n <= MESSAGES; n += IN_ONE_FRAME) {
    await publishNumbers(publisher, n, IN_ONE_FRAME);
    mostBuffered = Math.max(mostBuffered, slowSocket?.writableLength ?? 0);
  }
  await quick.replies.atLeast(MESSAGES + 2);
  expectAllInOrder(quick.publications(CHANNEL));

  // Full, by less than one turn's worth of frames, and far less than what passed.
  expect(mostBuffered).toBeGreaterThan(MAX_BUFFERED);
  expect(mostBuffered).toBeLessThan(5 * MAX_BUFFERED);
  expect(slow.publications(CHANNEL).length).toBeLessThan(MESSAGES);

  slow.socket.resume();
  await slow.replies.atLeast(MESSAGES + 2);
  expectAllInOrder(slow.publications(CHANNEL));
}, 60_000);
