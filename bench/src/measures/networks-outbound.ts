import { type Load, startLoad } from "../load/load.ts";
import type { PacedRun } from "../load/paced-publish.ts";
import { readCounts, untilCount } from "../networks/network-metrics.ts";
import { type NetworkServer, NO_LIMITS, withNetworkServer } from "../networks/network-server.ts";
import { cpuSeconds } from "../processes/process-usage.ts";
import { percentile } from "../statistics.ts";
import type { WireClient } from "../wires/wire.ts";
import type { BenchContext } from "./bench-context.ts";

const PER_SECOND = 500;
const WARM_UP_MS = 1000;
const CHANNELS = 200;
const ANSWER_MS = 5;
const STEPS = "anywire_delivery_steps_total";
/** Faster than messages leave, so that they wait for it. */
const PUSHED_PER_SECOND = 2000;

/** How messages leave through one connection. */
export interface NetworksOutboundResult {
  readonly perSecond: number;
  readonly channels: number;
  /** How long the network takes to answer. */
  readonly answerMs: number;
  /** At that rate: what came to the network in a second. */
  readonly arrivedPerSecond: number;
  /** From a message's acknowledgement to its being whole at the network. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** Processor time of the server for each message, µs. */
  readonly cpuMicros: number;
  /** Messages that were published faster than they leave, and what came to the network in a second. */
  readonly pushed: number;
  readonly highestPerSecond: number;
}

interface Rig {
  readonly server: NetworkServer;
  readonly load: Load;
  readonly network: Load;
  readonly publishers: readonly WireClient[];
}

/** Messages on many channels through one connection without limits. */
export async function measureNetworksOutbound(
  context: BenchContext,
): Promise<NetworksOutboundResult> {
  const forMs = context.isQuick ? 3000 : 20_000;
  const pushMs = context.isQuick ? 1000 : 2000;
  const [load, network] = [startLoad(), startLoad()];
  try {
    const networkPort = await network.call("openNetwork", ANSWER_MS);
    return await withNetworkServer(networkPort, NO_LIMITS, async (server) => {
      const rig = { server, load, network, publishers: await openChannels(server) };
      context.progress(`messages to a network: ${PER_SECOND} a second`);
      const paced = await pace(rig, forMs);
      context.progress("messages to a network: as many as leave");
      const pushed = await push(rig, paced.sent, pushMs);
      return {
        ...{ perSecond: PER_SECOND, channels: CHANNELS, answerMs: ANSWER_MS },
        ...paced.result,
        ...pushed,
      };
    });
  } finally {
    await Promise.all([load.close(), network.close()]);
  }
}

async function openChannels(server: NetworkServer): Promise<readonly WireClient[]> {
  const publishers: WireClient[] = [];
  for (let person = 0; person < CHANNELS; person += 1) {
    const account = `publisher${person}`;
    const channel = await server.openChannel(account, person);
    publishers.push({ token: server.token(account), channels: [channel] });
  }
  return publishers;
}

async function pace({ server, load, network, publishers }: Rig, forMs: number) {
  const { port, pid } = server;
  const cpuBefore = cpuSeconds(pid);
  const pacing = { port, publishers, perSecond: PER_SECOND, warmUpMs: WARM_UP_MS, forMs };
  const run = await load.call("publishPaced", { ...pacing, keepsTimes: true });
  await untilArrived({ server, network }, run.sent);
  const cpuMicros = ((cpuSeconds(pid) - cpuBefore) / run.sent) * 1e6;
  const arrivedAt = await checkedArrivals({ server, network }, run.sent);
  const uncounted = run.sent - Math.round((PER_SECOND * forMs) / 1000);
  const counted = arrivedAt.slice(uncounted);
  const waits = waitsOf(run, counted, uncounted);
  const result = {
    arrivedPerSecond: perSecondOf(counted),
    p50Ms: percentile(waits, 0.5),
    p99Ms: percentile(waits, 0.99),
    longestMs: percentile(waits, 1),
    cpuMicros,
  };
  return { sent: run.sent, result };
}

function waitsOf({ acknowledgedAt = [] }: PacedRun, arrivedAt: readonly number[], first: number) {
  return Float64Array.from(
    arrivedAt.map((at, index) => at - (acknowledgedAt[first + index] ?? Number.NaN)),
  ).sort();
}

async function push({ server, load, network, publishers }: Rig, before: number, forMs: number) {
  const { port } = server;
  const pacing = { port, publishers, perSecond: PUSHED_PER_SECOND, warmUpMs: 0, forMs };
  const { sent } = await load.call("publishPaced", { ...pacing, firstNumber: before });
  await untilArrived({ server, network }, before + sent);
  const arrivedAt = await checkedArrivals({ server, network }, before + sent);
  return { pushed: sent, highestPerSecond: perSecondOf(arrivedAt.slice(before)) };
}

/** @throws when not all arrive; says what became of them then */
async function untilArrived({ server, network }: Pick<Rig, "server" | "network">, wanted: number) {
  try {
    await untilCount("messages came to the network", wanted, () => network.call("countArrivals"));
  } catch (cause) {
    const steps = Object.fromEntries(await readCounts(server, STEPS));
    throw new Error(`${(cause as Error).message}: ${JSON.stringify(steps)}`, { cause });
  }
}

/** When each message arrived, by its number. @throws when one came not at all, twice, or before one that was said earlier on its channel */
async function checkedArrivals(
  { server, network }: Pick<Rig, "server" | "network">,
  sent: number,
): Promise<readonly number[]> {
  await untilCount("messages were accepted", sent, async () => {
    const steps = await readCounts(server, STEPS);
    return steps.get("sms:sent") ?? 0;
  });
  const { numbers, at } = await network.call("arrivals");
  if (numbers.length !== sent) throw new Error(`${numbers.length} arrived, not ${sent}`);
  const arrivedAt = new Array<number>(sent).fill(Number.NaN);
  numbers.forEach((number, place) => {
    arrivedAt[number] = at[place] ?? Number.NaN;
  });
  if (arrivedAt.length > sent || arrivedAt.some(Number.isNaN)) {
    throw new Error("a message did not arrive, and another one twice");
  }
  const latest = new Map<number, number>();
  for (const number of numbers) {
    const channel = number % CHANNELS;
    if ((latest.get(channel) ?? -1) > number) throw new Error(`message ${number} was overtaken`);
    latest.set(channel, number);
  }
  return arrivedAt;
}

function perSecondOf(at: readonly number[]): number {
  const [first, last] = at.reduce(
    ([least, most], one) => [Math.min(least, one), Math.max(most, one)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return ((at.length - 1) / (last - first)) * 1000;
}
