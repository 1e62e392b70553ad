import type { JetStreamManager } from "@nats-io/jetstream";
import type { GivenUp, ParkedChannel } from "../shared/consumer-store.ts";
import { toNatsError } from "./nats-faults.ts";
import type { NatsLink } from "./nats-link.ts";
import { textOf } from "./nats-message.ts";
import type { NatsRequests } from "./nats-requests.ts";
import { ensureStream, openJetStream, type StreamSettings } from "./open-jetstream.ts";
import { changeStream, whileBusy } from "./stream-changes.ts";
import type { Outgoing } from "./stream-publisher.ts";
import { type Stored, type StoredPage, StreamReader } from "./stream-reader.ts";

const PAGE_RECORDS = 1_000;
const STATE = ".state";
/** What is done with is kept as an empty record for a while, since nothing is ever taken out of a batch. */
const REMOVED_FOR = "1h";
/** The record of a lease is gone a while after it ran out, ms. */
const LEASE_KEPT_MS = 3_600_000;

/** Who works a consumer, and how far it has come. */
export interface ConsumerRecord {
  /** Id of the lease under which it is worked; empty when nobody works it. */
  readonly lease: string;
  readonly position: number;
  /** Another one for each write, so that a write without an answer can be told from others. */
  readonly stamp: string;
}

/** The lease of a node. Whatever consumers name it are free once it is not renewed in time. */
export interface LeaseRecord {
  /** `0` when it was ended. */
  readonly leaseMs: number;
  /** As with `ConsumerRecord`. */
  readonly stamp: string;
}

/** Where a consumer is, with its name. */
export interface NamedState {
  readonly name: string;
  readonly state: Stored<ConsumerRecord>;
}

/** A record as its text; empty when it was removed. */
interface RawRecord {
  readonly subject: string;
  readonly seq: number;
  readonly time: string;
  readonly text: string;
}

/**
 * What a log's durable consumers keep: a stream with the last record for each key, `<prefix>.consumers.<name>.` and `state`,
 * `parked.<channel>` or `dead.<offset>`, or `<prefix>.consumers.<id>.lease`. Records are written by `StreamPublisher`,
 * several in one piece.
 */
export class ConsumerRecords {
  readonly name: string;
  readonly #link: NatsLink;
  readonly #subjects: string;
  readonly #reader: StreamReader<RawRecord>;
  #manager: JetStreamManager | null = null;

  constructor(link: NatsLink, requests: NatsRequests, log: { readonly isReplicated: boolean }) {
    this.#link = link;
    this.name = `${link.prefix}-consumers`;
    this.#subjects = `${link.prefix}.consumers.`;
    this.#reader = new StreamReader(requests, {
      name: this.name,
      get isReplicated() {
        return log.isReplicated;
      },
      decode: ({ subject, seq, time, data }) => ({ subject, seq, time, text: textOf(data) }),
    });
  }

  /** Creates the stream unless it is there. As many servers keep it as the log. */
  async open(replicas: number): Promise<void> {
    const settings: StreamSettings = {
      name: this.name,
      subjects: [`${this.#subjects}>`],
      storage: "file",
      num_replicas: replicas,
      max_msgs_per_subject: 1,
      allow_direct: true,
      allow_atomic: true,
      allow_msg_ttl: true,
    };
    try {
      const manager = await openJetStream(this.#link);
      const found = await whileBusy(() => ensureStream(manager, settings));
      await changeStream(manager, found, { num_replicas: replicas });
      this.#manager = manager;
    } catch (error) {
      throw toNatsError(error);
    }
  }

  /** Whether nothing is kept of any consumer. */
  async isEmpty(): Promise<boolean> {
    return (await this.#reader.last(">")) === undefined;
  }

  /** Where a consumer is, with the sequence that the next write has to name. */
  async state(name: string): Promise<Stored<ConsumerRecord> | undefined> {
    return parsed<ConsumerRecord>(await this.#reader.last(this.#subjects + name + STATE));
  }

  /** Where consumers are whose record was written with a sequence or after; the rest follows `lastSeq`. */
  async states(seq: number): Promise<StoredPage<NamedState>> {
    const page = await this.#reader.page(`${this.#subjects}*${STATE}`, { seq }, PAGE_RECORDS);
    const items = page.items.map(({ subject, seq: at, time, text }) => ({
      name: subject.slice(this.#subjects.length, -STATE.length),
      state: { seq: at, time, item: JSON.parse(text) as ConsumerRecord },
    }));
    return { ...page, items };
  }

  /** A lease, with the sequence that the next write has to name. */
  async lease(id: string): Promise<Stored<LeaseRecord> | undefined> {
    return parsed<LeaseRecord>(await this.#reader.last(this.#key(id, "lease")));
  }

  /** All channels that a consumer has parked. */
  async parked(name: string): Promise<readonly ParkedChannel[]> {
    const bySubject = new Map<string, string>();
    const subject = this.#key(name, "parked.>");
    for (let seq = 1, hasMore = true; hasMore; ) {
      const page = await this.#reader.page(subject, { seq }, PAGE_RECORDS);
      for (const record of page.items) bySubject.set(record.subject, record.text);
      seq = page.lastSeq + 1;
      hasMore = page.hasMore;
    }
    return [...bySubject.values()]
      .filter((text) => text !== "")
      .map((text) => JSON.parse(text) as ParkedChannel);
  }

  /** Offsets of a consumer's dead letters, growing; some may have been removed. */
  async deadOffsets(name: string): Promise<readonly number[]> {
    const subject = this.#key(name, "dead.");
    try {
      const filter = { subjects_filter: `${subject}*` };
      const info = await this.#manager?.streams.info(this.name, filter);
      return Object.keys(info?.state.subjects ?? {})
        .map((key) => Number(key.slice(subject.length)))
        .sort((a, b) => a - b);
    } catch (error) {
      throw toNatsError(error);
    }
  }

  /** A dead letter; undefined when it was removed. */
  async dead(name: string, offset: number): Promise<GivenUp | undefined> {
    const last = await this.#reader.last(this.#key(name, `dead.${offset}`));
    if (last === undefined || last.item.text === "") return undefined;
    return JSON.parse(last.item.text) as GivenUp;
  }

  /** @param condition a field for the header */
  putState(name: string, record: ConsumerRecord, condition: string): Outgoing {
    return this.#put(this.#subjects + name + STATE, record, condition);
  }

  /** @param condition a field for the header */
  putLease(id: string, record: LeaseRecord, condition: string): Outgoing {
    const ttl = `Nats-TTL: ${Math.ceil((record.leaseMs + LEASE_KEPT_MS) / 1_000)}s\r\n`;
    return this.#put(this.#key(id, "lease"), record, condition + ttl);
  }

  putParked(name: string, parked: ParkedChannel): Outgoing {
    return this.#put(this.#key(name, `parked.${parked.channel}`), parked);
  }

  removeParked(name: string, channel: string): Outgoing {
    return this.#remove(this.#key(name, `parked.${channel}`));
  }

  putDead(name: string, givenUp: GivenUp): Outgoing {
    return this.#put(this.#key(name, `dead.${givenUp.offset}`), givenUp);
  }

  removeDead(name: string, offset: number): Outgoing {
    return this.#remove(this.#key(name, `dead.${offset}`));
  }

  #key(name: string, key: string): string {
    return `${this.#subjects}${name}.${key}`;
  }

  #put(subject: string, value: object, condition = ""): Outgoing {
    const data = Buffer.from(JSON.stringify(value));
    return { subject, header: `NATS/1.0\r\n${condition}`, data };
  }

  #remove(subject: string): Outgoing {
    return { subject, header: `NATS/1.0\r\nNats-TTL: ${REMOVED_FOR}\r\n`, data: Buffer.alloc(0) };
  }
}

function parsed<T>(last: Stored<RawRecord> | undefined): Stored<T> | undefined {
  return last === undefined ? undefined : { ...last, item: JSON.parse(last.item.text) as T };
}
