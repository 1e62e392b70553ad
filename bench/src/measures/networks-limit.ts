import { sharedNowMs } from "../clock.ts";
import { startLoad } from "../load/load.ts";
import { messageText } from "../load/message-text.ts";
import type { Arrivals } from "../load/network-load.ts";
import { untilCount } from "../networks/network-metrics.ts";
import { type NetworkServer, NO_LIMITS, withNetworkServer } from "../networks/network-server.ts";
import type { BenchContext } from "./bench-context.ts";

const PER_SECOND = 10;
const ANSWER_MS = 5;
const SECOND_MS = 1000;
const LIMITS = NO_LIMITS.map((limit) =>
  limit.scope === "connection" ? { ...limit, rate: PER_SECOND } : limit,
);
/** Numbers of the messages on the second channel begin here. */
const OTHERS = 1_000_000;

/** How messages leave under a limit, when one channel has many and another few. */
export interface NetworksLimitResult {
  /** The limit. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly many: number;
  readonly few: number;
  /** The least and the most that came to the network within a second, whenever it begins. */
  readonly leastInSecond: number;
  readonly mostInSecond: number;
  /** Of all the time. */
  readonly arrivedPerSecond: number;
  /** The most of the first channel that left between two of the second. */
  readonly mostBetween: number;
  /** From the first acknowledgement on the second channel to its first arrival. */
  readonly firstWaitMs: number;
}

/** Two channels with many and few messages through a connection that lets ten a second leave. */
export async function measureNetworksLimit(context: BenchContext): Promise<NetworksLimitResult> {
  const seconds = context.isQuick ? 5 : 20;
  const few = context.isQuick ? 5 : 10;
  const many = seconds * PER_SECOND + 1 - few;
  context.progress(`messages to a network: a limit of ${PER_SECOND} a second`);
  const network = startLoad();
  try {
    const networkPort = await network.call("openNetwork", ANSWER_MS);
    return await withNetworkServer(networkPort, LIMITS, async (server) => {
      await sayAll(server, { account: "many", person: 1 }, numbersFrom(0, many));
      const saidAt = await sayAll(server, { account: "few", person: 2 }, numbersFrom(OTHERS, few));
      await untilCount("messages came to the network", many + few, () =>
        network.call("countArrivals"),
      );
      const arrivals = await network.call("arrivals");
      if (new Set(arrivals.numbers).size !== many + few) throw new Error("a message came twice");
      return {
        ...{ perSecond: PER_SECOND, seconds, many, few },
        ...inSeconds(arrivals.at),
        ...turnsOf(arrivals, saidAt),
      };
    });
  } finally {
    await network.close();
  }
}

/** Says one after the other on a channel of their own; gives when the first was acknowledged. */
async function sayAll(
  server: NetworkServer,
  { account, person }: { readonly account: string; readonly person: number },
  numbers: readonly number[],
): Promise<number> {
  const channel = await server.openChannel(account, person);
  let saidAt: number | undefined;
  for (const number of numbers) {
    await server.say(account, channel, messageText(number));
    saidAt ??= sharedNowMs();
  }
  return saidAt ?? Number.NaN;
}

function numbersFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Looks at the second behind each arrival, as long as there are whole ones. */
function inSeconds(at: readonly number[]) {
  const [first = Number.NaN] = at;
  const last = at.at(-1) ?? Number.NaN;
  const counts = at
    .filter((from) => from + SECOND_MS <= last)
    .map((from) => at.filter((one) => one >= from && one < from + SECOND_MS).length);
  return {
    leastInSecond: Math.min(...counts),
    mostInSecond: Math.max(...counts),
    arrivedPerSecond: ((at.length - 1) / (last - first)) * SECOND_MS,
  };
}

/** How the second channel came to its turns. */
function turnsOf({ numbers, at }: Arrivals, saidAt: number) {
  const places = numbers.flatMap((number, place) => (number >= OTHERS ? [place] : []));
  const between = places.slice(1).map((place, turn) => place - (places[turn] ?? Number.NaN) - 1);
  const [first = -1] = places;
  return { mostBetween: Math.max(...between), firstWaitMs: (at[first] ?? Number.NaN) - saidAt };
}
