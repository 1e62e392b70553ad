import { createHash, type Hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Log, LogEntry } from "@anywire/core";

const PAGE_ENTRIES = 2_000;
/** Characters of data in one page. */
const PAGE_LENGTH = 8_000_000;
/** So many channels that differ are named. */
const MAX_NAMED = 10;

/** What a channel holds. */
export interface ChannelCount {
  readonly entries: number;
  /** Offset of its last entry. */
  readonly last: number;
  /** A checksum over its entries in their order. */
  readonly checksum: number;
}

/** What a log holds. */
export interface LogCount {
  readonly entries: number;
  readonly channels: ReadonlyMap<string, ChannelCount>;
  /** SHA-256 over all that is stored of every entry, in the order of offsets. */
  readonly digest: string;
}

/** Counts what is in a log, by reading all of it. */
export async function countLog(
  log: Pick<Log, "read">,
  onPage: (entries: number) => void = () => {},
): Promise<LogCount> {
  const counter = new LogCounter();
  for (let after = 0, hasMore = true; hasMore; ) {
    const page = await log.read({
      pattern: ">",
      after,
      limit: PAGE_ENTRIES,
      maxLength: PAGE_LENGTH,
      order: "asc",
    });
    for (const entry of page.entries) counter.add(entry);
    after = page.entries.at(-1)?.offset ?? after;
    hasMore = page.hasMore;
    onPage(counter.entries);
  }
  return counter.end();
}

/** In what one log differs from another, for people; nothing when they are the same. */
export function differencesOf(embedded: LogCount, cluster: LogCount): string[] {
  const names = new Set([...embedded.channels.keys(), ...cluster.channels.keys()]);
  const found = [...names].flatMap((name) => {
    const [one, other] = [embedded.channels.get(name), cluster.channels.get(name)];
    if (one?.entries !== other?.entries || one?.last !== other?.last) {
      return `${name}: ${textOf(one)} embedded, ${textOf(other)} in the cluster`;
    }
    return one?.checksum === other?.checksum ? [] : `${name}: ${textOf(one)}, of other content`;
  });
  const rest = found.length - MAX_NAMED;
  const named = found.slice(0, MAX_NAMED).concat(rest > 0 ? `and ${rest} channels more` : []);
  if (found.length > 0 || embedded.digest === cluster.digest) return named;
  return ["the entries lie in another order"];
}

class LogCounter {
  readonly #hash: Hash = createHash("sha256");
  readonly #channels = new Map<string, { entries: number; last: number; checksum: number }>();
  #entries = 0;

  get entries(): number {
    return this.#entries;
  }

  add(entry: LogEntry): void {
    const text = `${JSON.stringify(fieldsOf(entry))}\n`;
    this.#hash.update(text);
    this.#entries += 1;
    const channel = this.#channels.get(entry.channel);
    if (channel === undefined) {
      const first = { entries: 1, last: entry.offset, checksum: crc32(text) };
      this.#channels.set(entry.channel, first);
      return;
    }
    channel.entries += 1;
    channel.last = entry.offset;
    channel.checksum = crc32(text, channel.checksum);
  }

  end(): LogCount {
    return {
      entries: this.#entries,
      channels: this.#channels,
      digest: this.#hash.digest("hex"),
    };
  }
}

/** All that is stored of an entry. */
function fieldsOf(entry: LogEntry): readonly unknown[] {
  const { offset, previousOffset, channel, id, kind, sender, client, dataJson } = entry;
  const { at, timetoken, trace } = entry;
  const who = [sender, client ?? null];
  const led = trace === undefined ? [] : [trace.id, trace.via];
  return [offset, previousOffset, channel, id, kind, ...who, dataJson, at, timetoken, ...led];
}

function textOf(count: ChannelCount | undefined): string {
  return count === undefined ? "none" : `${count.entries} entries, the last at ${count.last}`;
}
