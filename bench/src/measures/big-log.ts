import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "@anywire/core";
import { createSqliteLog } from "@anywire/engines/sqlite";
import { createEntryId } from "@anywire/types";
import { messageText } from "../load/message-text.ts";
import { PLATFORM } from "../peers/tokens.ts";

/** Entries in the log of a server that has been in use for a while. */
export const ENTRIES = 1_000_000;
/** Channels of type `group`, which have nearly all entries. */
export const GROUPS = 1000;
const PREFIX = "anywire-bench-log-";
const DIRECT_EVERY = 100;
const DIRECTS = 50;
const AT_ONCE = 20_000;
const SCHEMA = new URL("../../../packages/engines/src/sqlite/schema.ts", import.meta.url);
// Spreads the entries over the channels without any order, the same in every run.
const SPREAD = 2_654_435_761;

/**
 * A directory with a log of a million entries: 990,000 in a thousand groups, 10,000 in direct channels. Made once for
 * each schema of the database and kept in the system's temporary directory.
 */
export async function prepareBigLog(progress: (text: string) => void): Promise<string> {
  const schema = createHash("sha256").update(readFileSync(SCHEMA)).digest("hex").slice(0, 12);
  const directory = join(tmpdir(), `${PREFIX}${schema}`);
  if (existsSync(directory) && (await isComplete(directory))) return directory;
  progress(`writing a log of ${ENTRIES} entries to ${directory}, once`);
  await removeOthers();
  await mkdir(directory);
  const log = createSqliteLog({ directory, synchronous: "off" });
  await log.start();
  try {
    await fill(log);
  } finally {
    await log.close();
  }
  return directory;
}

/** Removes what was written for another schema, or not to its end. */
async function removeOthers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (name.startsWith(PREFIX)) await rm(join(tmpdir(), name), { recursive: true });
  }
}

async function isComplete(directory: string): Promise<boolean> {
  const log = createSqliteLog({ directory });
  await log.start();
  try {
    return (await log.head(`${PLATFORM}.>`)) === ENTRIES;
  } finally {
    await log.close();
  }
}

async function fill(log: Log): Promise<void> {
  for (let first = 0; first < ENTRIES; first += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, index) => first + index);
    await Promise.all(
      numbers.map((number) =>
        log.append({
          channel: channelOf(number),
          id: createEntryId(),
          kind: "message",
          sender: `account:account${number % 100}`,
          dataJson: JSON.stringify({ text: messageText(number) }),
        }),
      ),
    );
  }
}

function channelOf(number: number): string {
  const spread = Math.imul(number, SPREAD) >>> 0;
  return number % DIRECT_EVERY === 0
    ? `${PLATFORM}.direct.${spread % DIRECTS}`
    : `${PLATFORM}.group.${spread % GROUPS}`;
}
