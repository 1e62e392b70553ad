import { type LogEntry, stableId } from "@anywire/core";
import {
  AnywireError,
  createEntryId,
  ERRORS,
  type ErrorCode,
  formatChannelName,
  parseChannelName,
  toAnywireError,
} from "@anywire/types";
import { handleEvent } from "./handle-event.ts";
import { type InboundDesk, NotKnownYet, type Work } from "./inbound-desk.ts";
import { parseWebhook } from "./parse-webhook.ts";
import { type Failure, type ReadRequest, WebhookQueue } from "./webhook-queue.ts";

const MAX_REASON_LENGTH = 512;

/** Codes that speak of all, and not of one request. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set(["unavailable", "storage_full"]);

/** Makes of what a network sent what follows from it, and records what could not be handled. */
export class WebhookHandler {
  readonly #desk: InboundDesk;
  /** What is not done yet, by the channel of its connection. */
  readonly #queues = new Map<string, WebhookQueue>();

  constructor(desk: InboundDesk) {
    this.#desk = desk;
  }

  /** An entry of a connection's channel whose turn is still to come; false when there is no room for it. */
  foresee(entry: LogEntry): boolean {
    return entry.kind !== "webhook" || this.#queueOf(entry.channel).foresee(entry);
  }

  /**
   * Handles an entry of a connection's channel. What fails for good, or too often, is recorded as a problem and passed over, so
   * that nothing that comes after waits for it.
   * @throws {AnywireError} what may be mended by trying again
   */
  async consume(entry: LogEntry, attempt: number): Promise<void> {
    if (entry.kind !== "webhook") return;
    const failures = await this.#take(entry, attempt);
    const mendable = failures.find(({ isMendable }) => isMendable);
    if (mendable !== undefined) throw mendable.error;
    const failure = worst(failures);
    if (failure === undefined) return;
    await this.#fail(entry, failure.error, stableId(["failed", `${entry.offset}`]));
  }

  /** Handles what came in at an offset once more. @throws {AnywireError} `not_found`, and what handling it throws */
  async replay(connection: string, offset: number): Promise<void> {
    const entry = await this.#entryAt(connection, offset);
    const failure = worst(await this.#take(entry, Number.POSITIVE_INFINITY));
    if (failure !== undefined) {
      await this.#fail(entry, failure.error, createEntryId());
      throw failure.error;
    }
    const place = { channel: entry.channel, id: createEntryId() };
    await this.#desk.record("inbound", place, { step: "settled", webhook: offset });
  }

  /** Begins with nothing more, and ends what runs. */
  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  async #entryAt(id: string, offset: number): Promise<LogEntry> {
    const { connections, log } = this.#desk.options;
    const connection = await connections.find(id);
    if (connection === undefined)
      throw new AnywireError("not_found", `there is no connection ${id}`);
    const { platform } = connection.document;
    const pattern = formatChannelName({ platform, type: "connection", id });
    const query = {
      pattern,
      after: offset - 1,
      before: offset + 1,
      limit: 1,
      order: "asc",
    } as const;
    const [entry] = (await log.read(query)).entries;
    if (entry?.kind === "webhook") return entry;
    throw new AnywireError("not_found", `nothing came in through connection ${id} at ${offset}`);
  }

  #queueOf(channel: string): WebhookQueue {
    let queue = this.#queues.get(channel);
    if (queue === undefined) {
      queue = new WebhookQueue((entry, attempt) => this.#read(entry, attempt));
      this.#queues.set(channel, queue);
    }
    return queue;
  }

  async #take(entry: LogEntry, attempt: number): Promise<readonly Failure[]> {
    const queue = this.#queueOf(entry.channel);
    const failures = await queue.take(entry, attempt);
    if (!failures.some(({ isMendable }) => isMendable)) queue.passed(entry.offset);
    if (queue.isEmpty) this.#queues.delete(entry.channel);
    return failures;
  }

  async #read(entry: LogEntry, attempt: number): Promise<ReadRequest> {
    try {
      const { platform, id } = parseChannelName(entry.channel);
      const connection = await this.#desk.options.connections.find(id);
      if (connection?.document.platform !== platform) {
        throw new AnywireError("not_found", `connection ${id} was removed before it was handled`);
      }
      const { events, problems } = await parseWebhook(this.#desk, connection, entry);
      const handle: ReadRequest["handle"] = (event) =>
        this.#handle({ event, platform, connection, webhook: entry, attempt });
      const failures = problems.map((error) => this.#failureOf(error, attempt));
      return { events, failures, handle };
    } catch (thrown) {
      const failure = this.#failureOf(toAnywireError(thrown), attempt);
      return { events: [], failures: [failure], handle: async () => failure };
    }
  }

  async #handle(work: Work): Promise<Failure | undefined> {
    const { connection, event, webhook, attempt } = work;
    const { id } = connection.document;
    const tell = (outcome: "done" | "duplicate" | "ignored" | "failed"): void =>
      this.#desk.options.onEvent?.({ connection: id, type: event.type, outcome });
    try {
      tell(await handleEvent(this.#desk, work));
      return undefined;
    } catch (thrown) {
      if (thrown instanceof NotKnownYet) {
        if (this.#mayStillCome(webhook, attempt)) {
          const error = new AnywireError("unavailable", thrown.message, { cause: thrown });
          return { error, isMendable: true };
        }
        tell("ignored");
        return undefined;
      }
      const failure = this.#failureOf(toAnywireError(thrown), attempt);
      if (!failure.isMendable) tell("failed");
      return failure;
    }
  }

  #failureOf(error: AnywireError, attempt: number): Failure {
    return { error, isMendable: this.#mayTryAgain(error, attempt) };
  }

  /** An outage is no fault of what came in meanwhile: nobody should have to replay it by hand. */
  #mayTryAgain({ code }: AnywireError, attempt: number): boolean {
    const { maxAttempts, outageAttempts } = this.#desk.settings;
    return ERRORS[code].retry && attempt < (OUTAGES.has(code) ? outageAttempts : maxAttempts);
  }

  /** Counted from when it came: of many that wait for what never comes, not each waits anew. */
  #mayStillCome({ at }: LogEntry, attempt: number): boolean {
    const { unknownWaitMs, maxAttempts } = this.#desk.settings;
    return attempt < maxAttempts && this.#desk.now() - at < unknownWaitMs;
  }

  async #fail({ channel, offset }: LogEntry, error: AnywireError, id: string): Promise<void> {
    const { id: connection } = parseChannelName(channel);
    const { code, message } = error;
    const reason = message.slice(0, MAX_REASON_LENGTH);
    await this.#desk.record(
      "inbound",
      { channel, id },
      { step: "failed", webhook: offset, code, reason },
    );
    this.#desk.options.onError(
      new AnywireError(
        code,
        `connection ${connection}: what came in at ${offset} could not be handled: ${message}`,
        { cause: error.cause, details: { connection, offset } },
      ),
    );
  }
}

/** The one to be told of several: one that trying again could have helped says more of the world than of what came in. */
function worst(failures: readonly Failure[]): Failure | undefined {
  return failures.find(({ error }) => ERRORS[error.code].retry) ?? failures[0];
}
