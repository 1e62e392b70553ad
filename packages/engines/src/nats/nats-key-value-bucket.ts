import { AnywireError } from "@anywire/types";
import type { JetStreamManager, StoredMsg, StreamInfo } from "@nats-io/jetstream";
import type { MsgHdrs, NatsConnection } from "@nats-io/transport-node";
import { compareUtf8 } from "../shared/compare-utf8.ts";
import {
  isNobodyThere,
  isNoStream,
  RefusedError,
  type ServerRefusal,
  storedSequence,
  toNatsError,
} from "./nats-faults.ts";
import { decodeKey, encodeKey, keyFilter } from "./nats-key-value-key.ts";
import type { NatsLink } from "./nats-link.ts";
import { ensureStream, type StreamSettings } from "./open-jetstream.ts";
import { ServerClock } from "./server-clock.ts";
import { changeStream, copiesOfLog, type Patience, whileBusy } from "./stream-changes.ts";

/** The last that was written of a key. */
export interface LastWrite {
  /** `0` when the bucket knows of none. */
  readonly sequence: number;
  /** What is there now: nothing after a deletion, or when its time is over. */
  readonly value: string | undefined;
  /** When its time is over, by the server's clock. */
  readonly expiresAt: number | undefined;
}

/** What a write depends on, and how long it counts. */
export interface BucketWrite {
  /** Writes only while this is the last sequence of the key. */
  readonly expected?: number | undefined;
  /** How long from when it is stored. */
  readonly ttlMs?: number | undefined;
  /** Or until when, by the server's clock. */
  readonly expiresAt?: number | undefined;
}

/** What the server says of the subjects of a stream. */
interface SubjectInfo {
  readonly error?: ServerRefusal;
  readonly total?: number;
  readonly state?: { readonly subjects?: Readonly<Record<string, number>> };
}

/** How long to wait for an answer, and for a connection that broke, ms. */
const ANSWER_MS = 3_000;
const RECONNECT_MS = 3_000;
/** How long servers may take to agree on another leader, ms. */
const ELECTION_MS = 10_000;
/** How long a deletion is told to who looks at the bucket with other tools. */
const DELETION_TTL_S = 60;
/** So much longer the server keeps what has a time, which it counts in whole seconds. */
const SPARE_TTL_S = 1;
/** Headers of ours: a time from when it was stored, or a moment, in ms. */
const TTL_HEADER = "Anywire-Ttl";
const END_HEADER = "Anywire-Expires";

/**
 * A key-value bucket of NATS: a stream of the conventions that the `nats kv` commands know, so that they show it too.
 * What is over is so by the server's clock, to the millisecond; the server itself removes it a moment later. Reads are
 * answered by the server that leads the stream, which has seen every write that was acknowledged.
 * @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-8.md
 */
export class KeyValueBucket {
  readonly #link: NatsLink;
  readonly #replicas: number | undefined;
  readonly #stream: string;
  readonly #subjects: string;
  readonly #clock: ServerClock;
  #manager: JetStreamManager | null = null;
  #createHeaders: (() => MsgHdrs) | null = null;
  #stopReconnects: () => void = () => {};

  /** @param replicas servers that keep a copy; undefined: as many as keep the log */
  constructor(link: NatsLink, replicas: number | undefined) {
    this.#link = link;
    this.#replicas = replicas;
    this.#stream = `KV_${link.prefix}-kv`;
    this.#subjects = `$KV.${link.prefix}-kv.`;
    this.#clock = new ServerClock(async () => {
      const { ts } = await this.#ask((_, { streams }) => streams.info(this.#stream));
      return Date.parse(ts ?? "");
    });
  }

  /** Makes the bucket where there is none. The link has been started. */
  async open(): Promise<void> {
    const { jetstreamManager } = await import("@nats-io/jetstream");
    this.#createHeaders = (await import("@nats-io/transport-node")).headers;
    try {
      const options = { checkAPI: false, timeout: ANSWER_MS };
      this.#manager = await jetstreamManager(this.#link.connection, options);
      const made = await this.#create(this.#manager);
      if (made.config.allow_msg_ttl === true) {
        this.#stopReconnects = this.#link.onReconnect(() => this.#clock.forget());
        return;
      }
    } catch (error) {
      throw toNatsError(error);
    }
    const message = `the bucket ${this.#stream} keeps no times; NATS 2.12 or newer is needed, or another prefix`;
    throw new AnywireError("unavailable", message);
  }

  close(): void {
    this.#stopReconnects();
  }

  /** The last that was written of a key. */
  async last(key: string): Promise<LastWrite> {
    const subject = this.#subjects + encodeKey(key);
    const message = await this.#ask((_, { streams }) =>
      streams.getMessage(this.#stream, { last_by_subj: subject }),
    );
    if (message === null) return { sequence: 0, value: undefined, expiresAt: undefined };
    const expiresAt = endOf(message);
    const isDeleted = message.header.has("KV-Operation");
    const isOver = expiresAt !== undefined && (await this.#clock.now()) > expiresAt;
    const value = isDeleted || isOver ? undefined : message.string();
    return { sequence: message.seq, value, expiresAt };
  }

  /** Writes a value, or with `null` a deletion; its sequence, or null when another was expected. */
  async write(key: string, value: string | null, write: BucketWrite): Promise<number | null> {
    const headers = await this.#headersOf(value, write);
    const subject = this.#subjects + encodeKey(key);
    const publish = async (connection: NatsConnection, { streams }: JetStreamManager) => {
      try {
        const options = { headers, timeout: ANSWER_MS };
        return storedSequence(await connection.request(subject, value ?? "", options));
      } catch (error) {
        if (!isNobodyThere(error)) throw error;
        // Nor is anybody there when the bucket is gone, and that does not pass.
        await streams.info(this.#stream).catch((reason: unknown) => {
          if (isNoStream(reason)) throw reason;
        });
        throw error;
      }
    };
    return await this.#ask(publish, { isPassing: isNobodyThere });
  }

  /**
   * The first `count` keys with a prefix after another, in their order as UTF-8, those included that were deleted of
   * late. The server lists all keys under the prefix's last full stop; no more than a page of them is held at once.
   */
  async keys(prefix: string, after: string, count: number): Promise<string[]> {
    const filter = this.#subjects + keyFilter(prefix);
    let first: string[] = [];
    for (let offset = 0, total = 1; offset < total; ) {
      const page = await this.#subjectPage(filter, offset);
      const keys = page.subjects.map((subject) => decodeKey(subject.slice(this.#subjects.length)));
      const found = keys.filter((key) => key.startsWith(prefix) && compareUtf8(key, after) > 0);
      first = [...first, ...found].sort(compareUtf8).slice(0, count);
      total = page.total;
      offset += Math.max(page.subjects.length, 1);
    }
    return first;
  }

  async #create(manager: JetStreamManager): Promise<StreamInfo> {
    const replicas = this.#replicas ?? (await copiesOfLog(manager, this.#link.prefix));
    const settings: StreamSettings = {
      name: this.#stream,
      subjects: [`${this.#subjects}>`],
      storage: "file",
      num_replicas: replicas ?? 1,
      max_msgs_per_subject: 1,
      discard: "new",
      allow_rollup_hdrs: true,
      deny_delete: true,
      allow_direct: true,
      allow_msg_ttl: true,
    };
    const found = await whileBusy(() => ensureStream(manager, settings));
    return await changeStream(manager, found, { num_replicas: replicas });
  }

  async #headersOf(value: string | null, write: BucketWrite): Promise<MsgHdrs> {
    if (this.#createHeaders === null)
      throw new AnywireError("unavailable", "the bucket is not open");
    const { expected, ttlMs, expiresAt } = write;
    const headers = this.#createHeaders();
    if (expected !== undefined) {
      headers.set("Nats-Expected-Last-Subject-Sequence", String(expected));
    }
    let leftMs = ttlMs;
    if (ttlMs !== undefined) headers.set(TTL_HEADER, String(ttlMs));
    else if (expiresAt !== undefined) {
      headers.set(END_HEADER, String(expiresAt));
      leftMs = Math.max(expiresAt - (await this.#clock.now()), 0);
    }
    if (value === null) {
      headers.set("KV-Operation", "DEL");
      headers.set("Nats-TTL", `${DELETION_TTL_S}s`);
    } else if (leftMs !== undefined) {
      headers.set("Nats-TTL", `${Math.ceil(leftMs / 1_000) + SPARE_TTL_S}s`);
    }
    return headers;
  }

  async #subjectPage(filter: string, offset: number) {
    const request = JSON.stringify({ subjects_filter: filter, offset });
    return await this.#ask(async (connection) => {
      const subject = `$JS.API.STREAM.INFO.${this.#stream}`;
      const answer = await connection.request(subject, request, { timeout: ANSWER_MS });
      const { error, state, total = 0 } = answer.json<SubjectInfo>();
      if (error !== undefined) throw new RefusedError(error);
      return { subjects: Object.keys(state?.subjects ?? {}), total };
    });
  }

  /** Asks, and again for a while when no server leads the bucket right now. What changes anything says when it may be repeated. */
  async #ask<T>(
    call: (connection: NatsConnection, manager: JetStreamManager) => Promise<T>,
    patience: Patience = {},
  ): Promise<T> {
    const manager = this.#manager;
    if (manager === null) throw new AnywireError("unavailable", "the bucket is not open");
    const ask = async (): Promise<T> => {
      // What is sent while there is no connection gets lost, after a long wait.
      await this.#connected();
      return await call(this.#link.connection, manager);
    };
    try {
      return await whileBusy(ask, { forMs: ELECTION_MS, ...patience });
    } catch (error) {
      if (!isNoStream(error)) throw toNatsError(error);
      const message = `the bucket ${this.#stream} is gone from NATS; restore it, or start the nodes anew`;
      throw new AnywireError("storage_damaged", message, { cause: error });
    }
  }

  async #connected(): Promise<void> {
    if (this.#link.isConnected) return;
    await new Promise<void>((resolve, reject) => {
      const stop = this.#link.onReconnect(() => {
        clearTimeout(timer);
        stop();
        resolve();
      });
      const timer = setTimeout(() => {
        stop();
        reject(new AnywireError("unavailable", "the connection to NATS is down: try again later"));
      }, RECONNECT_MS);
    });
  }
}

function endOf(message: StoredMsg): number | undefined {
  const ttlMs = message.header.get(TTL_HEADER);
  // The server's time is cut to whole milliseconds here.
  if (ttlMs !== "") return Date.parse(message.timestamp) + 1 + Number(ttlMs);
  const end = message.header.get(END_HEADER);
  return end === "" ? undefined : Number(end);
}
