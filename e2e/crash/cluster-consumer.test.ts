import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished, vi } from "vitest";
import { type Cluster, startCluster, type Witness, withCluster } from "./cluster.ts";
import { EVENTUALLY, report } from "./cluster-load.ts";
import { type RandomSeed, randomSeed } from "./random-seed.ts";
import { readEntries } from "./state-of-log.ts";

const ROUNDS = 8;
/** Entries that are handled in a round before, at the latest, the working node is killed. */
const MOST_IN_A_ROUND = 40;
const LEASE_MS = 1000;
const ROOMS = ["production.group.a", "production.group.b", "production.group.c"];
const ANSWERS = "production.direct.answers";
const PROGRAM = fileURLToPath(new URL("./consumer-process.ts", import.meta.url));

/** One entry that a node has handled. */
interface Handled {
  readonly channel: string;
  readonly offset: number;
  readonly id: string;
  /** Which process. */
  readonly by: number;
}

/** A node that handles entries. */
interface Handler {
  readonly number: number;
  kill(): Promise<void>;
}

/** Starts nodes with a consumer of one name, and gathers what they say that they have handled. */
function startHandlers({ servers, prefix }: Cluster) {
  const handled: Handled[] = [];
  const listeners = new Set<() => void>();
  let count = 0;
  return {
    handled,
    /** Resolves at once when something more is handled, while its position may not be stored yet. */
    next: () => new Promise<void>((resolve) => listeners.add(resolve)),
    async start(): Promise<Handler> {
      count += 1;
      const number = count;
      const args = [servers.nats, prefix, String(LEASE_MS), "production.group.*", ANSWERS];
      const child = spawn(process.execPath, ["--conditions=@anywire/source", PROGRAM, ...args], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const kill = () => killed(child);
      onTestFinished(kill);
      const isReady = new Promise<void>((resolve) => {
        createInterface({ input: child.stdout }).on("line", (line) => {
          const said = JSON.parse(line) as Omit<Handled, "by"> & { readonly ready?: true };
          if (said.ready) return resolve();
          handled.push({ ...said, by: number });
          for (const listen of listeners) listen();
          listeners.clear();
        });
      });
      await isReady;
      return { number, kill };
    },
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Says something in one room after the other until stopped; resolves with the ids. */
function talk({ log }: Witness): () => Promise<string[]> {
  const ids: string[] = [];
  let isStopped = false;
  const talking = (async () => {
    while (!isStopped) {
      const id = `said-${ids.length}`;
      const channel = ROOMS[ids.length % ROOMS.length] ?? "";
      await log.append({
        channel,
        id,
        kind: "message",
        sender: "account:ann",
        dataJson: '{"text":"x"}',
      });
      ids.push(id);
      await pause(10);
    }
  })();
  return async () => {
    isStopped = true;
    await talking;
    return ids;
  };
}

/** Asserts what a consumer promises, and counts what was handled more than once. */
function assertHandled(handled: readonly Handled[], said: readonly string[]): number {
  expect([...new Set(handled.map(({ id }) => id))].sort()).toEqual([...said].sort());
  for (const room of ROOMS) {
    const seen = new Set<number>();
    let latest = 0;
    const newest = new Map<number, number>();
    for (const { channel, offset, by } of handled) {
      if (channel !== room) continue;
      // One node handles each of a channel's entries once, in order …
      expect(offset).toBeGreaterThan(newest.get(by) ?? 0);
      newest.set(by, offset);
      // … and goes back only to what another one has handled.
      if (!seen.has(offset)) expect(offset).toBeGreaterThan(latest);
      seen.add(offset);
      latest = Math.max(latest, offset);
    }
  }
  return handled.length - said.length;
}

async function runRound(
  { handled, next }: ReturnType<typeof startHandlers>,
  { upTo }: RandomSeed,
): Promise<number> {
  const enough = handled.length + upTo(MOST_IN_A_ROUND);
  await vi.waitFor(() => expect(handled.length).toBeGreaterThanOrEqual(enough), EVENTUALLY);
  await next();
  return handled.at(-1)?.by ?? 0;
}

withCluster(() => {
  it("a consumer whose node is killed before its position is stored handles entries again, in order, with one effect", async () => {
    const random = randomSeed();
    const cluster = await startCluster();
    const witness = await cluster.witness();
    const handlers = startHandlers(cluster);
    const nodes = [await handlers.start(), await handlers.start()];
    const stop = talk(witness);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const by = await runRound(handlers, random);
      const working = nodes.findIndex(({ number }) => number === by);
      await nodes[working]?.kill();
      nodes[working] = await handlers.start();
    }
    const said = await stop();
    const { handled } = handlers;
    await vi.waitFor(
      () => expect(new Set(handled.map(({ id }) => id)).size).toBe(said.length),
      EVENTUALLY,
    );
    const again = assertHandled(handled, said);
    expect(again).toBeGreaterThan(0);
    const answers = (await readEntries(witness, ANSWERS)).map(({ id }) => id);
    expect(answers.sort()).toEqual(said.map((id) => `re-${id}`).sort());
    const counts = { restarts: ROUNDS, stored: said.length, handled: handled.length, again };
    report("kills of a consumer", { seed: random.seed, ...counts, effects: answers.length });
  }, 120_000);
});
