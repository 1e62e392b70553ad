import { performance } from "node:perf_hooks";
import { centrifugeWire, subscribePosition } from "../wires/centrifuge-wire.ts";
import type { WireClient } from "../wires/wire.ts";
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

/** Subscribes all clients, drops them, publishes, lets all come back at once, and checks what each one got. */
export async function recover(options: RecoveryOptions): Promise<RecoveryRun> {
  const { port, channel, tokens, missed } = options;
  const clients = tokens.map((token) => ({ token, channels: [channel] }));
  const before = await connectAll(port, clients);
  const position = subscribePosition(before[0]?.lastAnswer ?? "");
  dropAll(before);
  await publish(options);
  const startedAt = performance.now();
  const after = await connectAll(
    port,
    clients.map((client) => ({ ...client, recover: position })),
  );
  const wallMs = performance.now() - startedAt;
  const expected = Array.from({ length: missed }, (_, number) => number).join();
  const wrong = after.filter(({ lastAnswer }) => messageNumbers(lastAnswer).join() !== expected);
  dropAll(after);
  if (wrong.length > 0) {
    throw new Error(`${wrong.length} clients did not get exactly what they had missed`);
  }
  return { wallMs };
}

function connectAll(port: number, clients: readonly WireClient[]): Promise<LoadClient[]> {
  return Promise.all(
    clients.map((client) => LoadClient.open({ port, wire: centrifugeWire, client })),
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
