import { createHash } from "node:crypto";
import type { RebuildProgress, StateAddress, StateItem } from "@anywire/core";
import { FoldedLog } from "@anywire/engines/memory";
import type { RebuiltState } from "@anywire/engines/sqlite";
import type { Config } from "../config/config.ts";
import { createEngine, type Engine } from "../engine.ts";
import { CliError } from "./cli-error.ts";

const PAGE_ITEMS = 1_000;
/** How often a state that moves on is read anew before it is given up. */
const MAX_ATTEMPTS = 5;

/** How to rebuild. */
export interface RebuildClusterOptions {
  readonly verify: boolean;
  readonly onProgress: (progress: RebuildProgress) => void;
}

/** Makes the state of a cluster again from its log, or compares it with what follows from the log. */
export async function rebuildClusterState(
  config: Config,
  { verify, onProgress }: RebuildClusterOptions,
): Promise<RebuiltState> {
  const engine = await createEngine(config);
  await engine.log.start();
  try {
    await engine.state.start();
    if (verify) return await verifyState(engine, onProgress);
    const progress = await engine.state.rebuild(onProgress);
    const { items } = await digestOf((after, limit) => engine.state.dump(after, limit));
    return { progress, items, isSame: null, digest: null };
  } finally {
    await engine.state.close();
    await engine.log.close();
  }
}

async function verifyState(
  { log, state }: Engine,
  onProgress: RebuildClusterOptions["onProgress"],
): Promise<RebuiltState> {
  const folded = new FoldedLog(log);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const head = await state.position();
    const progress = (): RebuildProgress => {
      return { entries: folded.entries, offset: folded.offset, head };
    };
    await folded.foldTo(head, () => onProgress(progress()));
    const live = await digestOf((after, limit) => state.dump(after, limit));
    if ((await state.position()) !== head) continue;
    const { items, digest } = await digestOf((after, limit) => folded.dump(after, limit));
    return { progress: progress(), items, isSame: digest === live.digest, digest };
  }
  throw new CliError("the state moves on all the time: verify it when fewer write");
}

/** SHA-256 over the items that `dump` gives, and how many there are. */
export async function digestOf(
  dump: (
    after: StateAddress | undefined,
    limit: number,
  ) => readonly StateItem[] | Promise<readonly StateItem[]>,
): Promise<{ readonly items: number; readonly digest: string }> {
  const hash = createHash("sha256");
  let items = 0;
  for (let after: StateItem | undefined; ; ) {
    const page = await dump(after, PAGE_ITEMS);
    for (const { partition, sort, value } of page) {
      hash.update(`${JSON.stringify([partition, sort, value])}\n`);
    }
    items += page.length;
    after = page.at(-1);
    if (after === undefined) return { items, digest: hash.digest("hex") };
  }
}
