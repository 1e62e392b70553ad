import { setTimeout as pause } from "node:timers/promises";
import { AnywireError } from "@anywire/types";
import type { Msg } from "@nats-io/transport-node";
import { noAnswer, type ServerRefusal, toRefusalError } from "./nats-faults.ts";
import { headerField, headerText, statusOf, textOf } from "./nats-message.ts";
import type { NatsRequests } from "./nats-requests.ts";
import { TurnQueue } from "./turn-queue.ts";

/** How long a read goes on trying while the server is away, and waits for one answer. */
const GIVE_UP_MS = 5_000;
const ANSWER_MS = 2_000;
const AGAIN_MS = 50;
/**
 * Pages that are read at the same time, and the size of one. A server cuts a client off for which 64 MB wait, and what
 * comes in faster than it is read only makes all answers late.
 */
const MAX_PAGES = 16;
const MAX_PAGE_BYTES = 1024 * 1024;
const NOT_FOUND = 404;
const END = 204;
const NO_SERVER = 503;
/** The leader's way to say that there is no such message. */
const NO_MESSAGE = 10_037;

/** Where a page begins: at an offset, or with what was stored from a moment on (ISO 8601, the server's clock). */
export type PageStart = { readonly seq: number } | { readonly start_time: string };

/** A stream to read, and what its messages mean. */
export interface ReadStream<T> {
  readonly name: string;
  /** Whether more than one server keeps it, so that one of them can be behind the others. */
  readonly isReplicated: boolean;
  /** Throws when the message is none of ours. */
  decode(message: StoredMessage): T;
}

/** A message as the stream has it. */
export interface StoredMessage {
  readonly subject: string;
  readonly seq: number;
  readonly header: string;
  readonly data: Uint8Array;
  /** When the server stored it, ISO 8601. */
  readonly time: string;
}

/** What a message means, with its place in the stream. */
export interface Stored<T> {
  readonly seq: number;
  readonly item: T;
  /** When the server stored it, ISO 8601. */
  readonly time: string;
}

/** Messages in the order of the stream. */
export interface StoredPage<T> {
  readonly items: T[];
  /** Sequence of the last one; `0` for none. */
  readonly lastSeq: number;
  /** Whether more followed when the page was read. */
  readonly hasMore: boolean;
}

/** A page that is being read. */
interface Reading<T> {
  readonly items: T[];
  lastSeq: number;
}

interface LeaderAnswer {
  readonly error?: ServerRefusal;
  readonly message?: {
    readonly subject: string;
    readonly seq: number;
    readonly hdrs?: string;
    readonly data?: string;
    readonly time: string;
  };
}

/**
 * Reads a stream: whatever was acknowledged before is seen. Any server that has the stream may answer, and one of several
 * may be behind; so where it has nothing more, the leader is asked whether that is true.
 * @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-31.md
 */
export class StreamReader<T> {
  readonly #requests: NatsRequests;
  readonly #stream: ReadStream<T>;
  readonly #directSubject: string;
  readonly #leaderSubject: string;
  readonly #pages = new TurnQueue(MAX_PAGES);

  constructor(requests: NatsRequests, stream: ReadStream<T>) {
    this.#requests = requests;
    this.#stream = stream;
    this.#directSubject = `$JS.API.DIRECT.GET.${stream.name}`;
    this.#leaderSubject = `$JS.API.STREAM.MSG.GET.${stream.name}`;
  }

  /** The last message on a subject, which may have wildcards; `>` costs nothing, others a search. */
  last(subject: string): Promise<Stored<T> | undefined> {
    return this.#one({ last_by_subj: subject });
  }

  /** The message with a sequence. */
  async get(seq: number): Promise<T | undefined> {
    return (await this.#one({ seq }))?.item;
  }

  /**
   * At most `count` messages on a subject, which may have wildcards; with `>` what matches need not be counted. Fewer,
   * though more follow, when they are large.
   */
  async page(subject: string, start: PageStart, count: number): Promise<StoredPage<T>> {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    if (!(await this.#pages.take(GIVE_UP_MS))) throw noAnswer("too many reads at once");
    try {
      return await this.#persist(() => this.#readPage(subject, start, count), giveUpAt);
    } finally {
      this.#pages.end();
    }
  }

  async #readPage(subject: string, start: PageStart, count: number): Promise<StoredPage<T>> {
    const filter = subject === ">" ? {} : { next_by_subj: subject };
    const page: Reading<T> = { items: [], lastSeq: 0 };
    for (;;) {
      const rest = { ...filter, batch: count - page.items.length };
      const hasMore = await this.#direct({ ...startOf(page, start), ...rest }, page);
      if (hasMore || page.items.length === count) return { ...page, hasMore };
      const missed = await this.#missed({ ...startOf(page, start), ...filter });
      if (missed === undefined) return { ...page, hasMore: false };
      page.items.push(missed.item);
      page.lastSeq = missed.seq;
      if (page.items.length === count) return { ...page, hasMore: true };
    }
  }

  /** What a server that is behind has not shown. */
  async #missed(request: object): Promise<Stored<T> | undefined> {
    return this.#stream.isReplicated ? await this.#leader(request) : undefined;
  }

  #one(request: object): Promise<Stored<T> | undefined> {
    return this.#persist(() =>
      this.#stream.isReplicated ? this.#leader(request) : this.#directOne(request),
    );
  }

  /** Asks again for a while when the connection breaks or nobody answers. */
  async #persist<R>(read: () => Promise<R>, giveUpAt = performance.now() + GIVE_UP_MS): Promise<R> {
    for (;;) {
      if (!(await this.#requests.connected(giveUpAt - performance.now()))) {
        throw noAnswer("the connection is down");
      }
      try {
        return await read();
      } catch (error) {
        const isOver = performance.now() > giveUpAt || this.#requests.isClosed;
        if (isOver || !(error instanceof AnywireError) || error.code !== "unavailable") throw error;
      }
      await pause(AGAIN_MS);
    }
  }

  /** Adds what one server has; whether it has more. A page that fails is thrown away whole. */
  #direct(request: object, page: Reading<T>): Promise<boolean> {
    let last = 0;
    return this.#ask<boolean>(
      this.#directSubject,
      { ...request, max_bytes: MAX_PAGE_BYTES },
      (message, resolve) => {
        const header = headerText(message);
        const status = statusOf(header);
        if (status !== 0 && status !== END) return resolve(isNothing(status));
        // Each part names the one before it: nothing was lost between two servers.
        if (Number(headerField(header, "Nats-Last-Sequence")) !== last) {
          throw noAnswer("a part of the answer is missing");
        }
        if (status === END) return resolve(Number(headerField(header, "Nats-Num-Pending")) > 0);
        const { seq, item } = this.#decode(header, message.data);
        last = seq;
        page.lastSeq = seq;
        page.items.push(item);
        return false;
      },
    );
  }

  #directOne(request: object): Promise<Stored<T> | undefined> {
    return this.#ask<Stored<T> | undefined>(this.#directSubject, request, (message, resolve) => {
      const header = headerText(message);
      const status = statusOf(header);
      if (status !== 0) isNothing(status);
      return resolve(status === 0 ? this.#decode(header, message.data) : undefined);
    });
  }

  #leader(request: object): Promise<Stored<T> | undefined> {
    return this.#ask<Stored<T> | undefined>(this.#leaderSubject, request, (message, resolve) => {
      const status = statusOf(headerText(message));
      if (status !== 0) isNothing(status);
      const { error, message: stored } = JSON.parse(textOf(message.data)) as LeaderAnswer;
      if (error?.err_code === NO_MESSAGE) return resolve(undefined);
      if (stored === undefined) throw toRefusalError(error ?? {});
      const { subject, seq, hdrs = "", data = "", time } = stored;
      const header = Buffer.from(hdrs, "base64").toString("utf8");
      const bytes = Buffer.from(data, "base64");
      return resolve({
        seq,
        item: this.#stream.decode({ subject, seq, header, data: bytes, time }),
        time,
      });
    });
  }

  /** `take` gets each part of the answer, and returns false to wait for another or what `resolve` returns. */
  #ask<R>(
    subject: string,
    request: object,
    take: (message: Msg, resolve: (result: R) => true) => boolean,
  ): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const end = (result: R): true => {
        resolve(result);
        return true;
      };
      this.#requests.ask(subject, null, Buffer.from(JSON.stringify(request)), ANSWER_MS, {
        take: (message) => {
          try {
            return take(message, end);
          } catch (error) {
            reject(error);
            return true;
          }
        },
        lose: reject,
      });
    });
  }

  #decode(header: string, data: Uint8Array): Stored<T> {
    const subject = headerField(header, "Nats-Subject");
    const seq = Number(headerField(header, "Nats-Sequence"));
    const time = headerField(header, "Nats-Time-Stamp");
    return { seq, item: this.#stream.decode({ subject, seq, header, data, time }), time };
  }
}

function startOf(page: Reading<unknown>, start: PageStart): PageStart {
  return page.lastSeq === 0 ? start : { seq: page.lastSeq + 1 };
}

/** An answer without content: false when there is no such message, an error otherwise. */
function isNothing(status: number): false {
  if (status === NOT_FOUND) return false;
  if (status === NO_SERVER) throw noAnswer("no server has the stream right now");
  throw new AnywireError("internal", `NATS refused a read with status ${status}`);
}
