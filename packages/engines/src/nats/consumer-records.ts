import type { JetStreamManager } from "@nats-io/jetstream";
import type { GivenUp, ParkedChannel } from "../shared/consumer-store.ts";
import { toNatsError } from "./nats-faults.ts";
import type { NatsLink } from "./nats-link.ts";
import { textOf } from "./nats-message.ts";
import type { NatsRequests } from "./nats-requests.ts";
import { ensureStream, openJetStream, type StreamSettings } from "./open-jetstream.ts";
import { changeStream, whileBusy } from "./stream-changes.ts";
import type { Outgoing } from "./stream-publisher.ts";
import { type Stored, StreamReader } from "./stream-reader.ts";

const PAGE_RECORDS = 1_000;
/** What is done with is kept as an empty record for a while, since nothing is ever taken out of a batch. */
const REMOVED_FOR = "1h";

/** Who works a consumer, and how far it has come. */
export interface ConsumerRecord {
  /** Empty when nobody has the lease. */
  readonly holder: string;
  readonly leaseMs: number;
  readonly position: number;
  /** Another one for each write, so that a write without an answer can be told from others. */
  readonly stamp: string;
}

/** A record as its text; empty when it was removed. */
interface RawRecord {
  readonly subject: string;
  readonly text: string;
}

/**
 * What a log's durable consumers keep: a stream with the last record for each key, `<prefix>.consumers.<name>.` and `state`,
 * `parked.<channel>` or `dead.<offset>`. Records are written by `StreamPublisher`, several in one piece.
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
      decode: ({ subject, data }) => ({ subject, text: textOf(data) }),
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
    const last = await this.#reader.last(this.#key(name, "state"));
    if (last === undefined) return undefined;
    return { ...last, item: JSON.parse(last.item.text) as ConsumerRecord };
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
    return this.#put(this.#key(name, "state"), record, condition);
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
