import { setTimeout as wait } from "node:timers/promises";
import { AnywireError } from "@anywire/types";
import type { JetStreamManager } from "@nats-io/jetstream";
import type { Msg, MsgHdrs, NatsConnection } from "@nats-io/transport-node";
import { mapLimit } from "../shared/map-limit.ts";
import { isNobodyThere, RefusedError, storedSequence, toNatsError } from "./nats-faults.ts";
import type { NatsLink } from "./nats-link.ts";
import type { NodeRecord, SeatRecord } from "./nats-presence-record.ts";
import { findStream, openJetStream, type StreamSettings } from "./open-jetstream.ts";
import { ServerClock } from "./server-clock.ts";
import { changeStream, copiesOfLog, isClustered, whileBusy } from "./stream-changes.ts";

/** A record as it is kept. */
export interface Kept<T> {
  readonly seq: number;
  readonly data: T;
}

/** A page of what is kept. */
interface Page {
  readonly messages: readonly Msg[];
  /** How the server ended it. */
  readonly ending: "whole" | "broken" | "too many";
  /** The replica that answered had everything up to here; `0` when it did not say. */
  readonly upTo: number;
}

/** What the client library gives once it is loaded. */
interface Api {
  readonly manager: JetStreamManager;
  headers(): MsgHdrs;
}

/** How long to wait for an answer. */
const ANSWER_MS = 5_000;
/** Of more subjects at once the server gives none. */
const PAGE = 1_000;
const PAGES_AT_ONCE = 4;
/** So much longer than it counts the last record of a key is kept, which the server counts in whole seconds. */
const SPARE_TTL_S = 1;
const READ_TRIES = 100;
const READ_AGAIN_MS = 10;
/** The server's numbers for a stream that exists with another configuration, and for one without a leader. */
const OTHER_CONFIG = 10_058;
const NO_LEADER = 10_008;

/**
 * The bucket that keeps who is there: a stream in memory with the conventions of a NATS key-value bucket, of which the
 * server tells each stored seat on `<prefix>.presence.<channel>`. So an event is told if and only if it is stored, in
 * the order in which it is stored, whichever node wrote it and whatever became of that node.
 *
 * Keys are written by compare-and-set. The last record of a key carries a TTL: the server forgets the key.
 */
export class PresenceBucket {
  readonly #link: NatsLink;
  readonly #name: string;
  readonly #stream: string;
  readonly #set: number | undefined;
  readonly #lastTtl: string;
  readonly #clock: ServerClock;
  /** What ends the wait for each answer that has not come. */
  readonly #asking = new Set<() => void>();
  #api: Api | null = null;
  /** Servers that are to keep a copy of a new one. */
  #copies = 1;
  /** Whether no other server can have a copy, now or from one moment to the next. */
  #isAlone = true;

  /**
   * @param rememberMs how long the last record of a key counts
   * @param replicas servers that keep a copy; undefined: as many as keep the log
   */
  constructor(link: NatsLink, rememberMs: number, replicas: number | undefined) {
    this.#link = link;
    this.#name = `${link.prefix}-presence`;
    this.#stream = `KV_${this.#name}`;
    this.#set = replicas;
    this.#lastTtl = `${Math.ceil(rememberMs / 1_000) + SPARE_TTL_S}s`;
    this.#clock = new ServerClock(async () => {
      const { ts } = await this.#ask((_, { manager }) => manager.streams.info(this.#stream));
      return Date.parse(ts ?? "");
    });
  }

  /** Name of the stream beneath. */
  get stream(): string {
    return this.#stream;
  }

  /** What time it is, by the server's clock: milliseconds since the Unix epoch. */
  now(): Promise<number> {
    return this.#clock.now();
  }

  /** The connection was cut: nobody waits for answers that were on it. */
  giveUp(): void {
    this.#clock.forget();
    for (const giveUp of this.#asking) giveUp();
  }

  /** Finds out how many servers are to keep the bucket, and sees to it where it is there already: once, at the start. */
  async settleCopies(): Promise<void> {
    const { prefix } = this.#link;
    try {
      const manager = await openJetStream(this.#link);
      const wanted = this.#set ?? (await copiesOfLog(manager, prefix));
      const found = await whileBusy(() => findStream(manager, this.#stream));
      this.#copies = wanted ?? found?.config.num_replicas ?? 1;
      if (found !== undefined) await changeStream(manager, found, { num_replicas: wanted });
    } catch (error) {
      throw toNatsError(error);
    }
  }

  /** Makes the bucket where there is none: at the first start, and when NATS has forgotten it. */
  async open(): Promise<void> {
    const config: StreamSettings = {
      name: this.#stream,
      subjects: [this.#subject(">")],
      storage: "memory",
      max_msgs_per_subject: 1,
      allow_direct: true,
      allow_msg_ttl: true,
      republish: {
        src: this.#subject("m.*.*.*.*"),
        dest: `${this.#link.prefix}.presence.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}`,
      },
    };
    await this.#ask(async (_, { manager: { streams } }) => {
      const num_replicas = this.#copies;
      const made = await streams.add({ ...config, num_replicas }).catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== OTHER_CONFIG) throw error;
        // As many copies as it has: another node was told otherwise.
        return streams.update(this.#stream, config);
      });
      this.#copies = made.config.num_replicas;
      this.#isAlone = !isClustered(made);
      // Older servers leave out of a configuration what they do not know.
      if (made.config.allow_msg_ttl === true) return;
      throw new AnywireError(
        "unavailable",
        "presence needs a NATS server of version 2.12 or newer",
      );
    });
  }

  /**
   * Writes a key whose last record is the expected one, `0` for none; its sequence, or null when it is another one.
   * The record is made anew for each try. The `last` record of a key is forgotten after a while.
   */
  async write(
    key: string,
    newRecord: () => SeatRecord | NodeRecord,
    expected: number,
    last?: "last",
  ): Promise<number | null> {
    return await this.#ask(async (connection, api) => {
      const headers = api.headers();
      headers.set("Nats-Expected-Last-Subject-Sequence", String(expected));
      if (last !== undefined) {
        headers.set("KV-Operation", "DEL");
        headers.set("Nats-TTL", this.#lastTtl);
      }
      const options = { timeout: ANSWER_MS, headers };
      const record = JSON.stringify(newRecord());
      return storedSequence(await connection.request(this.#subject(key), record, options));
    });
  }

  /** The last record of a key, as whoever stores it knows it; null for none. */
  async last<T>(key: string): Promise<Kept<T> | null> {
    const kept = await this.#ask((_, { manager: { streams } }) =>
      streams.getMessage(this.#stream, { last_by_subj: this.#subject(key) }),
    );
    return kept !== null ? { seq: kept.seq, data: kept.json<T>() } : null;
  }

  /** The last records of all keys that match; whatever was written before is among them. */
  async list(filter: string): Promise<readonly Msg[]> {
    for (let tries = 0; tries < READ_TRIES; tries += 1) {
      const found = await this.#ask((...way) => this.#read(filter, ...way));
      if (found !== undefined) return found;
      await wait(READ_AGAIN_MS);
    }
    throw new AnywireError("unavailable", "presence: the replicas of NATS do not catch up");
  }

  /** The key of a listed message. */
  keyOf({ headers }: Msg): string {
    return (headers?.get("Nats-Subject") ?? "").slice(this.#subject("").length);
  }

  /** Undefined when something was in the way that passes. */
  async #read(
    filter: string,
    connection: NatsConnection,
    { manager: { streams } }: Api,
  ): Promise<readonly Msg[] | undefined> {
    if (this.#isAlone) {
      const page = await this.#page(connection, [this.#subject(filter)]);
      if (page.ending === "whole") return page.messages;
      if (page.ending === "broken") return undefined;
    }
    // Any replica may answer a page, only the leader this: it says what there is, and how far a replica has to be.
    const subjects_filter = this.#subject(filter);
    const { state } = await streams.info(this.#stream, { subjects_filter });
    const { last_seq, subjects = {} } = state;
    const names = Object.keys(subjects);
    const parts: string[][] = [];
    for (let i = 0; i < names.length; i += PAGE) parts.push(names.slice(i, i + PAGE));
    const messages: Msg[] = [];
    let isUsable = true;
    await mapLimit(parts, PAGES_AT_ONCE, async (part) => {
      const page = await this.#page(connection, part);
      const isFresh = this.#isAlone || page.upTo >= last_seq;
      isUsable &&= isFresh && page.ending === "whole";
      for (const message of page.messages) messages.push(message);
    });
    return isUsable ? messages : undefined;
  }

  async #page(connection: NatsConnection, subjects: readonly string[]): Promise<Page> {
    const request = JSON.stringify({ multi_last: subjects });
    const to = `$JS.API.DIRECT.GET.${this.#stream}`;
    const answers = await connection.requestMany(to, request, {
      strategy: "sentinel",
      maxWait: ANSWER_MS,
    });
    const messages: Msg[] = [];
    for await (const message of answers) {
      if (message.data.length > 0) messages.push(message);
      else return { messages, ...endOf(message) };
    }
    throw new Error("timeout");
  }

  #subject(key: string): string {
    return `$KV.${this.#name}.${key}`;
  }

  /** Asks, again and again for a while when nobody is there to answer: a new leader is being elected. */
  async #ask<T>(call: (connection: NatsConnection, api: Api) => Promise<T>): Promise<T> {
    const ask = async (): Promise<T> => {
      this.#api ??= await loadApi(this.#link);
      return await this.#unlessCut(call(this.#link.connection, this.#api));
    };
    try {
      return await whileBusy(ask, { isPassing: isNobodyThere, forMs: ANSWER_MS });
    } catch (thrown) {
      throw thrown instanceof AnywireError ? thrown : toUnavailable(thrown);
    }
  }

  #unlessCut<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = (): void => reject(new Error("the connection was cut"));
      const end = (): void => void this.#asking.delete(giveUp);
      this.#asking.add(giveUp);
      answer.then(resolve, reject);
      answer.then(end, end);
    });
  }
}

function toUnavailable(thrown: unknown): AnywireError {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  const message = `presence: NATS does not answer (${why})`;
  return new AnywireError("unavailable", message, { cause: thrown });
}

async function loadApi(link: NatsLink): Promise<Api> {
  const { headers } = await import("@nats-io/transport-node");
  return { manager: await openJetStream(link), headers };
}

/** The sequence of a listed message. */
export function sequenceOf({ headers }: Msg): number {
  return Number(headers?.get("Nats-Sequence"));
}

/** When a listed message was stored, by the server's clock: milliseconds since the Unix epoch. */
export function storedAt({ headers }: Msg): number {
  return Date.parse(headers?.get("Nats-Time-Stamp") ?? "");
}

function endOf({ headers }: Msg): Pick<Page, "ending" | "upTo"> {
  const upTo = Number(headers?.get("Nats-UpTo-Sequence") ?? 0);
  if (headers?.code === 204) return { ending: "whole", upTo };
  if (headers?.code === 413) return { ending: "too many", upTo };
  if (headers?.code === 503)
    throw new RefusedError({ err_code: NO_LEADER, description: "no leader" });
  // A key that was forgotten while the page was on its way breaks it off.
  return { ending: headers?.description === "No Results" ? "whole" : "broken", upTo };
}
