import { Agent, get, type RequestOptions } from "node:http";
import { performance } from "node:perf_hooks";
import type { LogQuery } from "@anywire/core";
import { createSqliteLog } from "@anywire/engines/sqlite";
import { startAnywire } from "../peers/anywire.ts";
import type { PeerServer } from "../peers/peer.ts";
import { PLATFORM } from "../peers/tokens.ts";
import { median, percentile } from "../statistics.ts";
import type { BenchContext } from "./bench-context.ts";
import { ENTRIES, GROUPS, prepareBigLog } from "./big-log.ts";

const PAGE = 100;
/** Pages of each kind that are read before those that count: until just-in-time compilers have seen enough. */
const WARM_UP = 250;

/** How quickly a server with much to remember is there, and how quickly it finds things. */
export interface StartUpResult {
  readonly entries: number;
  /** From the start of the process to the first 200 of `/ready`, ms. */
  readonly readyMs: number;
  /** Every round, ms. */
  readonly rounds: readonly number[];
  readonly reads: readonly PageReads[];
}

/** Reading pages of a hundred entries from random places. */
export interface PageReads {
  /** What was read, and through what. */
  readonly what: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

type Read = (query: LogQuery) => Promise<number>;

/** Start-up of Anywire with a million entries on disk, and reading pages anywhere among them. */
export async function measureStartUp(context: BenchContext): Promise<StartUpResult> {
  const directory = await prepareBigLog(context.progress);
  const rounds: number[] = [];
  const reads: PageReads[] = [];
  const count = context.isQuick ? 3 : 7;
  for (let round = 1; round <= count; round += 1) {
    context.progress(`start-up with ${ENTRIES} entries: round ${round} of ${count}`);
    const startedAt = performance.now();
    const server = await startAnywire({ dataDirectory: directory });
    try {
      await ready(server);
      rounds.push(performance.now() - startedAt);
      if (round === count) reads.push(...(await readOverHttp(server, context)));
    } finally {
      await server.stop();
    }
  }
  reads.push(...(await readInProcess(directory, context)));
  return { entries: ENTRIES, readyMs: median(rounds), rounds, reads };
}

async function ready({ port }: PeerServer): Promise<void> {
  const { status } = await fetch(`http://127.0.0.1:${port}/ready`);
  if (status !== 200) throw new Error(`/ready answered ${status}`);
}

async function readOverHttp(server: PeerServer, context: BenchContext): Promise<PageReads[]> {
  const agent = new Agent({ keepAlive: true });
  const authorization = `Bearer ${server.token("reader")}`;
  const read: Read = async ({ pattern, after, limit, order }) => {
    const path = `/v1/channels/${pattern}/entries?after=${after}&limit=${limit}&order=${order}`;
    const { port } = server;
    const body = await request({
      host: "127.0.0.1",
      port,
      path,
      agent,
      headers: { authorization },
    });
    return JSON.parse(body).entries.length;
  };
  try {
    return await readPages("HTTP", read, context);
  } finally {
    agent.destroy();
  }
}

async function readInProcess(directory: string, context: BenchContext): Promise<PageReads[]> {
  const log = createSqliteLog({ directory });
  await log.start();
  try {
    return await readPages(
      "in-process",
      async (query) => (await log.read(query)).entries.length,
      context,
    );
  } finally {
    await log.close();
  }
}

async function readPages(way: string, read: Read, context: BenchContext): Promise<PageReads[]> {
  const kinds = {
    "one channel": () => `${PLATFORM}.group.${Math.floor(Math.random() * GROUPS)}`,
    "a busy pattern": () => `${PLATFORM}.group.*`,
    "a rare pattern": () => `${PLATFORM}.direct.*`,
    everything: () => `${PLATFORM}.>`,
  };
  context.progress(`reading pages ${way}: warming up`);
  for (const pattern of Object.values(kinds)) await timePages(pattern, read, WARM_UP);
  const results: PageReads[] = [];
  for (const [kind, pattern] of Object.entries(kinds)) {
    context.progress(`reading pages ${way}: ${kind}`);
    const times = await timePages(pattern, read, context.isQuick ? 100 : 500);
    results.push({
      what: `${kind}, ${way}`,
      p50Ms: percentile(times, 0.5),
      p99Ms: percentile(times, 0.99),
    });
  }
  return results;
}

/** How long each of so many pages took, ms, the quickest first. */
async function timePages(pattern: () => string, read: Read, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let page = 0; page < count; page += 1) {
    // Early enough that every channel still has a full page to come.
    const after = Math.floor(Math.random() * ENTRIES * 0.8);
    const startedAt = performance.now();
    const length = await read({ pattern: pattern(), after, limit: PAGE, order: "asc" });
    times.push(performance.now() - startedAt);
    if (length !== PAGE) throw new Error(`a page of ${pattern()} has ${length} entries`);
  }
  return times.sort((left, right) => left - right);
}

function request(options: RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = get(options, (response) => {
      response.setEncoding("utf8");
      let body = "";
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`the server answered ${response.statusCode}: ${body}`));
      });
    });
    sent.once("error", reject);
  });
}
