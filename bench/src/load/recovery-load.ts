import { performance } from "node:perf_hooks";
import { centrifugeWire, subscribePosition } from "../wires/centrifuge-wire.ts";
import type { Position } from "../wires/wire.ts";
import { LoadClient } from "./load-client.ts";
import { messageNumbers, messageText } from "./message-text.ts";

const ACKNOWLEDGEMENTS = /"publish":/g;

/** Who comes back to what. */
export interface RecoveryOptions {
  readonly port: number;
  /** Nobody has written to it yet. */
  readonly channel: string;
  /** Tokens of the clients, all of them on the channel. */
  readonly tokens: readonly string[];
  /** Messages published while all clients are away. */
  readonly missed: number;
}

/** How long it took. */
export interface RecoveryRun {
  /** From the first connect to the moment when every client had everything, ms. */
  readonly wallMs: number;
}

/** Subscribes all clients, drops them and publishes; gives the position they were at. */
export async function leaveBehind(options: RecoveryOptions): Promise<Position> {
  const clients = await connectAll(options);
  dropAll(clients);
  await publish(options);
  return subscribePosition(clients[0]?.lastAnswer ?? "");
}

/** Lets all clients come back to a position at once, and checks that each one gets exactly what it missed. */
export async function comeBack(options: RecoveryOptions, from: Position): Promise<RecoveryRun> {
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
  { port, channel, tokens }: RecoveryOptions,
  position?: Position,
): Promise<LoadClient[]> {
  const recover = position === undefined ? {} : { recover: position };
  return Promise.all(
    tokens.map((token) =>
      LoadClient.open({
        port,
        wire: centrifugeWire,
        client: { token, channels: [channel], ...recover },
      }),
    ),
  );
}

function dropAll(clients: readonly LoadClient[]): void {
  for (const client of clients) client.destroy();
}

async function publish({ port, channel, tokens, missed }: RecoveryOptions): Promise<void> {
  const client = { token: tokens[0] ?? "", channels: [] };
  const publisher = await LoadClient.open({ port, wire: centrifugeWire, client });
  const texts = Array.from({ length: missed }, (_, number) => messageText(number));
  await new Promise<void>((resolve, reject) => {
    let acknowledged = 0;
    publisher.onText = (answer) => {
      if (answer.includes('"error"')) reject(new Error(`publishing was refused: ${answer}`));
      acknowledged += answer.match(ACKNOWLEDGEMENTS)?.length ?? 0;
      if (acknowledged === missed) resolve();
    };
    publisher.send(centrifugeWire.publish(channel, texts));
  });
  publisher.destroy();
}
