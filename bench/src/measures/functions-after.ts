import { setTimeout as delay } from "node:timers/promises";
import type { EntryDraft } from "@anywire/core";
import { createSqliteLog } from "@anywire/engines/sqlite";
import { createEntryId } from "@anywire/types";
import { afterNothing } from "../functions/function-files.ts";
import { startWithFunctions } from "../functions/function-server.ts";
import { readRuns, untilRuns } from "../functions/server-metrics.ts";
import { startLoad } from "../load/load.ts";
import { messageText } from "../load/message-text.ts";
import type { PeerServer } from "../peers/peer.ts";
import { PLATFORM } from "../peers/tokens.ts";
import {
  makeTemporaryDirectory,
  removeTemporaryDirectory,
} from "../processes/temporary-directory.ts";
import { median } from "../statistics.ts";
import type { BenchContext } from "./bench-context.ts";

const CHANNELS = 100;
const AT_ONCE = 10_000;
const WARM_UP_MS = 1000;
const FUNCTION = "nothing";
const CODE = { [FUNCTION]: afterNothing(`${PLATFORM}.group.*`) };
const ONE_WORKER = { ANYWIRE_FUNCTIONS_MIN_WORKERS: "1", ANYWIRE_FUNCTIONS_MAX_WORKERS: "1" };

/** How many messages a second a function runs after, through one worker. */
export interface FunctionsAfterResult {
  readonly channels: number;
  /** Messages that were there before the server started, in each round. */
  readonly entries: number;
  /** While it catches up with them. */
  readonly catchUpPerSecond: number;
  /** While others come, from a publisher for each channel who waits for its acknowledgement before it sends again. */
  readonly livePerSecond: number;
  /** What these publishers were acknowledged meanwhile. */
  readonly publishedPerSecond: number;
  /** Every round. */
  readonly catchUpRounds: readonly number[];
  readonly liveRounds: readonly number[];
  readonly publishedRounds: readonly number[];
}

/** A no-op after every message on a hundred channels: behind, and then keeping up with publishers. */
export async function measureFunctionsAfter(context: BenchContext): Promise<FunctionsAfterResult> {
  const entries = context.isQuick ? 30_000 : 100_000;
  const liveMs = context.isQuick ? 1500 : 5000;
  const rounds = context.isQuick ? 2 : 5;
  const catchUpRounds: number[] = [];
  const liveRounds: number[] = [];
  const publishedRounds: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    context.progress(`a function after messages: round ${round} of ${rounds}`);
    const run = await runOnce(entries, liveMs);
    catchUpRounds.push(run.catchUp);
    liveRounds.push(run.live);
    publishedRounds.push(run.published);
  }
  return {
    channels: CHANNELS,
    entries,
    catchUpPerSecond: median(catchUpRounds),
    livePerSecond: median(liveRounds),
    publishedPerSecond: median(publishedRounds),
    catchUpRounds,
    liveRounds,
    publishedRounds,
  };
}

async function runOnce(entries: number, liveMs: number) {
  const dataDirectory = makeTemporaryDirectory();
  const start = () => startWithFunctions(CODE, { dataDirectory, env: ONE_WORKER });
  try {
    // Its place in the log is kept from the first start on: what comes while it is away is for it.
    await (await start()).stop();
    await fill(dataDirectory, entries);
    const server = await start();
    try {
      const catchUp = await catchUpRate(server, entries);
      return { catchUp, ...(await liveRates(server, liveMs)) };
    } finally {
      await server.stop();
    }
  } finally {
    removeTemporaryDirectory(dataDirectory);
  }
}

async function catchUpRate(server: PeerServer, entries: number): Promise<number> {
  const { first, reachedAt } = await untilRuns(server, FUNCTION, entries);
  // It began before the server said that it is there.
  return ((entries - first.count) / (reachedAt - first.at)) * 1000;
}

/** Messages acknowledged and runs that ended meanwhile, a second each. */
async function liveRates(server: PeerServer, forMs: number) {
  const load = startLoad();
  try {
    const publishers = Array.from({ length: CHANNELS }, (_, index) => ({
      token: server.token(`publisher${index}`),
      channels: [channelOf(index)],
    }));
    const { port } = server;
    const [{ acknowledged, wallMs }, runs] = await Promise.all([
      load.call("publish", { port, publishers, warmUpMs: WARM_UP_MS, forMs, pids: [] }),
      runsPerSecond(server, forMs),
    ]);
    return { published: (acknowledged / wallMs) * 1000, live: runs };
  } finally {
    await load.close();
  }
}

async function runsPerSecond(server: PeerServer, forMs: number): Promise<number> {
  await delay(WARM_UP_MS);
  const before = await readRuns(server, FUNCTION);
  const startedAt = performance.now();
  await delay(forMs);
  return (((await readRuns(server, FUNCTION)) - before) / (performance.now() - startedAt)) * 1000;
}

async function fill(directory: string, entries: number): Promise<void> {
  const log = createSqliteLog({ directory, synchronous: "off" });
  await log.start();
  try {
    for (let first = 0; first < entries; first += AT_ONCE) {
      const numbers = Array.from({ length: AT_ONCE }, (_, index) => first + index);
      await Promise.all(numbers.map((number) => log.append(draftOf(number))));
    }
  } finally {
    await log.close();
  }
}

function draftOf(number: number): EntryDraft {
  return {
    channel: channelOf(number),
    id: createEntryId(),
    kind: "message",
    sender: `account:publisher${number % CHANNELS}`,
    dataJson: JSON.stringify({ text: messageText(number) }),
  };
}

function channelOf(number: number): string {
  return `${PLATFORM}.group.after${number % CHANNELS}`;
}
