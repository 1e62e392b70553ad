import { performance } from "node:perf_hooks";
import { cpuSeconds } from "../processes/process-usage.ts";
import { centrifugeWire } from "../wires/centrifuge-wire.ts";
import type { WireClient } from "../wires/wire.ts";
import { LoadClient } from "./load-client.ts";
import { messageText } from "./message-text.ts";

/** Who publishes, where, and for how long. */
export interface PublishOptions {
  readonly port: number;
  /** Each one has a socket, and publishes to its first channel without hearing it. */
  readonly publishers: readonly WireClient[];
  /** Publishing that is not counted yet, ms. */
  readonly warmUpMs: number;
  readonly forMs: number;
  /** Processes whose processor time is to be told. */
  readonly pids: readonly number[];
}

/** What was acknowledged while it was counted. */
export interface PublishRun {
  readonly acknowledged: number;
  readonly wallMs: number;
  /** Processor time of each process meanwhile, seconds. */
  readonly cpuSeconds: readonly number[];
}

/** Every publisher waits for the acknowledgement of its message before it sends the next one. */
export async function publishInTurns(options: PublishOptions): Promise<PublishRun> {
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const clients = await Promise.all(
    options.publishers.map(({ token }) =>
      LoadClient.open({
        port: options.port,
        wire: centrifugeWire,
        client: { token, channels: [] },
        onClose: (reason) => fail(new Error(`a publisher lost its server: ${reason}`)),
      }),
    ),
  );
  let acknowledged = 0;
  for (const [index, client] of clients.entries()) {
    const channel = options.publishers[index]?.channels[0] ?? "";
    const text = centrifugeWire.publish(channel, [messageText(index)]);
    client.onText = (answer) => {
      if (answer.includes('"error"')) return fail(new Error(`publishing was refused: ${answer}`));
      if (!answer.includes('"publish"')) return;
      acknowledged += 1;
      client.send(text);
    };
    client.send(text);
  }
  try {
    await Promise.race([elapsed(options.warmUpMs), failed]);
    const before = acknowledged;
    const cpuBefore = options.pids.map(cpuSeconds);
    const startedAt = performance.now();
    await Promise.race([elapsed(options.forMs), failed]);
    if (acknowledged === 0) throw new Error("nothing was acknowledged");
    return {
      acknowledged: acknowledged - before,
      wallMs: performance.now() - startedAt,
      cpuSeconds: options.pids.map((pid, index) => cpuSeconds(pid) - (cpuBefore[index] ?? 0)),
    };
  } finally {
    for (const client of clients) client.destroy();
  }
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
