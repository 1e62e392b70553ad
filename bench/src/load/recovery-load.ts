import { performance } from "node:perf_hooks";
import { centrifugeWire, subscribePosition } from "../wires/centrifuge-wire.ts";
import type { Position } from "../wires/wire.ts";
import { LoadClient } from "./load-client.ts";
import { messageNumbers, messageText } from "./message-text.ts";

const ACKNOWLEDGEMENTS = /"publish":/g;

const PUBLISHERS = 16;

/** Who comes back to what. */
export interface RecoveryOptions {
  readonly port: number;
  /** Each one is on one channel, which nobody has written to yet. */
  readonly clients: readonly RecoveryClient[];
  /** Messages published to each channel while all clients are away. */
  readonly missed: number;
}

/** One who comes back. */
export interface RecoveryClient {
  readonly token: string;
  readonly channel: string;
}

/** How long it took. */
export interface RecoveryRun {
  /** From the first connect to the moment when every client had everything, ms. */
  readonly wallMs: number;
}

/** Subscribes all clients, drops them and publishes; gives the position that each one was at. */
export async function leaveBehind(options: RecoveryOptions): Promise<readonly Position[]> {
  const clients = await connectAll(options);
  dropAll(clients);
  await publishAll(options);
  return clients.map(({ lastAnswer }) => subscribePosition(lastAnswer));
}

/** Lets all clients come back to their positions at once, and checks that each one gets exactly what it missed. */
export async function comeBack(
  options: RecoveryOptions,
  from: readonly Position[],
): Promise<RecoveryRun> {
  const startedAt = performance.now();
  const clients = await connectAll(options, from);
  const wallMs = performance.now() - startedAt;
  const expected = Array.from({ length: options.missed }, (_, number) => number).join();
  const wrong = clients.filter(({ lastAnswer }) => messageNumbers(lastAnswer).join() !== expected);
  dropAll(clients);
  if (wrong.length > 0) {
    throw new Error(`${wrong.length} clients did not get exactly what they had missed`);
  }
  return { wallMs };
}

function connectAll(
  { port, clients }: RecoveryOptions,
  positions: readonly Position[] = [],
): Promise<LoadClient[]> {
  return Promise.all(
    clients.map(({ token, channel }, index) => {
      const position = positions[index];
      const recover = position === undefined ? {} : { recover: position };
      const client = { token, channels: [channel], ...recover };
      return LoadClient.open({ port, wire: centrifugeWire, client });
    }),
  );
}

function dropAll(clients: readonly LoadClient[]): void {
  for (const client of clients) client.destroy();
}

async function publishAll({ port, clients, missed }: RecoveryOptions): Promise<void> {
  const channels = new Set(clients.map(({ channel }) => channel)).values();
  const texts = Array.from({ length: missed }, (_, number) => messageText(number));
  const publishSome = async (token: string): Promise<void> => {
    const client = { token, channels: [] };
    const publisher = await LoadClient.open({ port, wire: centrifugeWire, client });
    for (const channel of channels) await publish(publisher, channel, texts);
    publisher.destroy();
  };
  await Promise.all(clients.slice(0, PUBLISHERS).map(({ token }) => publishSome(token)));
}

/** Publishes all at once; resolves when each one is acknowledged. */
function publish(publisher: LoadClient, channel: string, texts: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let acknowledged = 0;
    publisher.onText = (answer) => {
      if (answer.includes('"error"')) reject(new Error(`publishing was refused: ${answer}`));
      acknowledged += answer.match(ACKNOWLEDGEMENTS)?.length ?? 0;
      if (acknowledged === texts.length) resolve();
    };
    publisher.send(centrifugeWire.publish(channel, texts));
  });
}
