import type { AnywireError } from "@anywire/types";
import type { Msg } from "@nats-io/transport-node";
import { noAnswer, refusalKind, type ServerRefusal, toRefusalError } from "./nats-faults.ts";
import { headerText, statusOf, textOf } from "./nats-message.ts";
import type { NatsRequests } from "./nats-requests.ts";
import { TurnQueue } from "./turn-queue.ts";

const ANSWER_MS = 2_500;
const NO_SERVER = 503;
/** Of 50 that a server lets one stream have, over all nodes. */
const MAX_BATCHES = 16;
/** How long a batch waits for its turn, ms. */
const TURN_MS = 5_000;

/** A message on its way into a stream. */
export interface Outgoing {
  readonly subject: string;
  /** Its header without the empty line at the end. */
  readonly header: string;
  readonly data: Uint8Array;
}

/**
 * What became of a publish. `stored`: all of it, the last message as `lastSeq`. `overtaken`: nothing, since a subject has
 * another last message than was expected. `busy`: nothing, try again. `lost`: all or nothing, nobody knows. `refused`: nothing, and
 * trying again won't help.
 */
export type Published =
  | { readonly outcome: "stored"; readonly lastSeq: number }
  | { readonly outcome: "overtaken" | "busy" }
  | { readonly outcome: "lost" | "refused"; readonly error: AnywireError };

interface Acknowledgement {
  readonly seq?: number;
  readonly count?: number;
  readonly error?: ServerRefusal;
}

/** A field of a header: the message is only stored while `seq` is the last one on its subject. */
export function expectLast(seq: number): string {
  return `Nats-Expected-Last-Subject-Sequence: ${seq}\r\n`;
}

/** A field of a header: the message is only stored as the one after `seq`. */
export function expectStreamLast(seq: number): string {
  return `Nats-Expected-Last-Sequence: ${seq}\r\n`;
}

/** Publishes messages together: all of them, one behind the other, or none. */
export class StreamPublisher {
  readonly #requests: NatsRequests;
  readonly #batches = new TurnQueue(MAX_BATCHES);
  readonly #batchPrefix = crypto.randomUUID().slice(0, 18);
  #batchCount = 0;

  constructor(requests: NatsRequests) {
    this.#requests = requests;
  }

  /** Stores messages, at most 1,000. Never rejects. */
  publish(messages: readonly Outgoing[]): Promise<Published> {
    const [first] = messages;
    const isAlone = messages.length === 1 && first !== undefined;
    return isAlone ? this.#ask(first, "", 1) : this.#publishInTurn(messages);
  }

  async #publishInTurn(messages: readonly Outgoing[]): Promise<Published> {
    if (!(await this.#batches.take(TURN_MS))) return { outcome: "busy" };
    try {
      return await this.#publishBatch(messages);
    } finally {
      this.#batches.end();
    }
  }

  /** @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-50.md */
  async #publishBatch(messages: readonly Outgoing[]): Promise<Published> {
    this.#batchCount += 1;
    const id = `Nats-Batch-Id: ${this.#batchPrefix}-${this.#batchCount}\r\n`;
    for (const [i, message] of messages.entries()) {
      const fields = `${id}Nats-Batch-Sequence: ${i + 1}\r\n`;
      if (i === messages.length - 1) {
        return await this.#ask(message, `${fields}Nats-Batch-Commit: 1\r\n`, messages.length);
      }
      try {
        const { subject, header, data } = message;
        this.#requests.tell(subject, `${header}${fields}\r\n`, data);
      } catch {
        // Nothing is stored without the last one.
        break;
      }
    }
    return { outcome: "busy" };
  }

  #ask({ subject, header, data }: Outgoing, fields: string, count: number): Promise<Published> {
    return new Promise((resolve) => {
      this.#requests.ask(subject, `${header}${fields}\r\n`, data, ANSWER_MS, {
        take: (answer) => {
          resolve(readAnswer(answer, count));
          return true;
        },
        lose: (error) => resolve({ outcome: "lost", error }),
      });
    });
  }
}

function readAnswer(answer: Msg, count: number): Published {
  const text = textOf(answer.data);
  if (text === "") {
    const isNobody = statusOf(headerText(answer)) === NO_SERVER;
    if (isNobody) return { outcome: "lost", error: noAnswer("no server has the log's stream") };
    return { outcome: "lost", error: noAnswer("an empty answer") };
  }
  const { seq, count: stored = 1, error } = JSON.parse(text) as Acknowledgement;
  if (error !== undefined) {
    const kind = refusalKind(error);
    if (kind !== "final") return { outcome: kind };
    return { outcome: "refused", error: toRefusalError(error) };
  }
  if (seq === undefined || stored !== count) {
    return { outcome: "lost", error: noAnswer("an answer that makes no sense") };
  }
  return { outcome: "stored", lastSeq: seq };
}
