import { type Load, startLoad } from "../load/load.ts";
import type { WebhookRun } from "../load/webhook-load.ts";
import { readHandled, untilHandled } from "../networks/network-metrics.ts";
import { type NetworkServer, NO_LIMITS, withNetworkServer } from "../networks/network-server.ts";
import { checkStored, checkWebhooks } from "../networks/stored-messages.ts";
import { freePort } from "../processes/free-port.ts";
import { cpuSeconds } from "../processes/process-usage.ts";
import type { BenchContext } from "./bench-context.ts";

const PER_SECOND = 2000;
const WARM_UP_SECONDS = 2;
const CONNECTIONS = 256;
/** How long what was answered is waited for until it is handled. */
const MAX_BEHIND_MS = 130_000;
const PERSONS = 500;
/** More than are answered in a second. */
const MOST_PER_SECOND = 12_000;

/** How a network's webhooks are taken in, and what becomes of them. */
export interface NetworksWebhooksResult {
  readonly perSecond: number;
  readonly seconds: number;
  readonly connections: number;
  readonly persons: number;
  /** At a steady rate: from when each was due to its 2xx. */
  readonly paced: WebhookRun;
  /** Messages that came to their channels. */
  readonly stored: number;
  /** Webhooks that were taken for none of a new message. */
  readonly duplicates: number;
  /** Whether all were handled before there was no more time to wait: only then their places are looked at. */
  readonly isHandled: boolean;
  /** Messages that came to their channels in a second, while webhooks came, and when no more came. */
  readonly storedMeanwhilePerSecond: number;
  readonly storedAfterPerSecond: number;
  /** How long after the last answer the last message was on its channel, or waiting for it was given up. */
  readonly behindMs: number;
  /** Processor time of the server for each webhook, until its message was on its channel, µs. */
  readonly cpuMicros: number;
  /** When every connection sends as soon as it is answered. */
  readonly highest: WebhookRun;
}

/** Signed webhooks of inbound messages over many connections, with duplicates and in no strict order. */
export async function measureNetworksWebhooks(
  context: BenchContext,
): Promise<NetworksWebhooksResult> {
  const seconds = context.isQuick ? 3 : 20;
  const floodMs = context.isQuick ? 1000 : 5000;
  context.progress(`webhooks: ${PER_SECOND} a second`);
  const paced = await withWebhooks((server, load) => pace(server, load, seconds), checkPaced);
  context.progress("webhooks: as many as are answered");
  const highest = await withWebhooks(
    (server, load) => flood(server, load, floodMs),
    (directory, { sent }) => checkWebhooks(directory, sent),
  );
  return {
    ...{ perSecond: PER_SECOND, seconds, connections: CONNECTIONS, persons: PERSONS },
    ...paced,
    highest,
  };
}

/** Runs with a server and a load, ends both, and checks what is on the disk. */
async function withWebhooks<Result>(
  use: (server: NetworkServer, load: Load) => Promise<Result>,
  check: (directory: string, result: Result) => Promise<void>,
): Promise<Result> {
  const load = startLoad();
  try {
    // Nothing is sent, so nobody needs to listen there.
    const networkPort = await freePort();
    return await withNetworkServer(networkPort, NO_LIMITS, async (server) => {
      const result = await use(server, load);
      await server.stop();
      await check(server.directory, result);
      return result;
    });
  } finally {
    await load.close();
  }
}

async function pace(server: NetworkServer, load: Load, seconds: number) {
  const uncounted = WARM_UP_SECONDS * PER_SECOND;
  await prepare(server, load, uncounted + seconds * PER_SECOND);
  const [cpuBefore, before] = [cpuSeconds(server.pid), await readHandled(server)];
  const paced = await load.call("paceWebhooks", PER_SECOND, uncounted);
  const [endedAt, atEnd] = [performance.now(), await readHandled(server)];
  const { stored, duplicates } = await untilHandled(server, paced.sent, endedAt + MAX_BEHIND_MS);
  const behindMs = performance.now() - endedAt;
  return {
    ...{ paced, stored, duplicates },
    isHandled: stored + duplicates === paced.sent,
    storedMeanwhilePerSecond: ((atEnd.stored - before.stored) / paced.wallMs) * 1000,
    storedAfterPerSecond: ((stored - atEnd.stored) / behindMs) * 1000,
    behindMs,
    cpuMicros: ((cpuSeconds(server.pid) - cpuBefore) / paced.sent) * 1e6,
  };
}

async function checkPaced(
  directory: string,
  { paced, duplicates, isHandled }: Awaited<ReturnType<typeof pace>>,
): Promise<void> {
  const { sent: webhooks, messages } = paced;
  if (!isHandled) return await checkWebhooks(directory, webhooks);
  if (duplicates !== webhooks - messages) {
    throw new Error(`${duplicates} of ${webhooks - messages} duplicates were taken for such`);
  }
  await checkStored(directory, { webhooks, messages, persons: PERSONS });
}

async function flood(server: NetworkServer, load: Load, forMs: number): Promise<WebhookRun> {
  await prepare(server, load, (forMs / 1000) * MOST_PER_SECOND);
  return await load.call("floodWebhooks", forMs);
}

async function prepare(server: NetworkServer, load: Load, webhooks: number): Promise<void> {
  const { port, webhookPath: path } = server;
  await load.call("prepareWebhooks", {
    ...{ port, path, webhooks },
    ...{ connections: CONNECTIONS, persons: PERSONS, firstNumber: 0 },
  });
}
