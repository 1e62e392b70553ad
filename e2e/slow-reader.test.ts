import { randomBytes } from "node:crypto";
import diagnostics from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import type { Inbox } from "./support/inbox.ts";
import { connectRaw, type RawClient, type WireReply } from "./support/raw-client.ts";
import { openRawStream } from "./support/raw-stream.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.busy";
const IN_ONE_FRAME = 200;
const MAX_BUFFERED = 64 * 1024;
const UNLIMITED = { maxCommandsPerSecond: 1_000_000, maxCommandBurst: 1_000_000 };

/** Somebody who subscribed and can stop reading. */
interface Reader {
  readonly replies: Inbox<WireReply>;
  pause(): void;
  resume(): void;
}

async function openSocket(server: TestServer): Promise<Reader> {
  const client = await connectRaw(server, "slow");
  await client.request({ subscribe: { channel: CHANNEL } });
  const { replies, socket } = client;
  return { replies, pause: () => socket.pause(), resume: () => socket.resume() };
}

async function openStream(server: TestServer): Promise<Reader> {
  const token = await server.token("slow");
  const stream = await openRawStream(server, [
    { id: 1, connect: { token } },
    { id: 2, subscribe: { channel: CHANNEL } },
  ]);
  await stream.replies.atLeast(2);
  return stream;
}

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

/** Publishes `1` to `count`, with text that can't be compressed; resolves when all are stored. */
async function publishNumbers(
  client: RawClient,
  count: number,
  afterEachFrame: () => void,
): Promise<void> {
  for (let first = 1; first <= count; first += IN_ONE_FRAME) {
    const publishes = Array.from({ length: IN_ONE_FRAME }, (_, i) => ({
      publish: {
        channel: CHANNEL,
        data: { n: first + i, padding: randomBytes(600).toString("base64") },
      },
    }));
    const replies = await client.requestAll(publishes);
    expect(replies.filter(({ error }) => error !== undefined)).toEqual([]);
    afterEachFrame();
  }
}

function numbersIn(replies: Inbox<WireReply>): [offset: number, n: number][] {
  return replies.items.flatMap(({ push }) => {
    const { pub } = push ?? {};
    return pub === undefined ? [] : [[pub.offset ?? 0, (pub.data as { n: number }).n]];
  });
}

it.each([
  ["a socket", 50_000, openSocket, false],
  ["a compressed socket", 20_000, openSocket, true],
  ["an HTTP stream", 20_000, openStream, false],
] as const)(
  "%s that stops reading costs a bounded buffer, hinders nobody, and gets everything when it reads on",
  async (_what, messages, openSlow, compression) => {
    const server = await startTestServer({
      socket: { maxBufferedBytes: MAX_BUFFERED, compression, ...UNLIMITED },
      recovery: { ringSize: 256, pageSize: 500 },
    });
    const sockets = acceptedSockets();
    const slow = await openSlow(server);
    const [slowSocket] = sockets;
    const quick = await openSocket(server);
    const publisher = await connectRaw(server, "publisher");
    const everything = Array.from({ length: messages }, (_, i) => [i + 1, i + 1]);
    slow.pause();

    let mostBuffered = 0;
    await publishNumbers(publisher, messages, () => {
      mostBuffered = Math.max(mostBuffered, slowSocket?.writableLength ?? 0);
    });
    await quick.replies.atLeast(messages + 2);
    expect(numbersIn(quick.replies)).toEqual(everything);

    // Full, by no more than a turn's frames, and far less than what passed.
    expect(mostBuffered).toBeGreaterThan(MAX_BUFFERED);
    expect(mostBuffered).toBeLessThan(5 * MAX_BUFFERED);
    expect(slow.replies.items.length).toBeLessThan(messages);

    slow.resume();
    await slow.replies.atLeast(messages + 2);
    expect(numbersIn(slow.replies)).toEqual(everything);
  },
  60_000,
);
