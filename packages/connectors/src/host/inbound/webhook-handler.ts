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
import type { InboundEvent } from "../../contract/inbound-event.ts";
import type { OpenConnection } from "../connections/connections.ts";
import { groupEvents } from "./event-groups.ts";
import { handleEvent } from "./handle-event.ts";
import { type InboundDesk, NotKnownYet } from "./inbound-desk.ts";
import { fromWebhookEntry } from "./stored-webhook.ts";

/** Conversations of one request that are handled at the same time. */
const CONCURRENCY = 8;

const MAX_REASON_LENGTH = 512;

/** Codes that speak of all, and not of one request. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set(["unavailable", "storage_full"]);

/** Makes of what a network sent what follows from it, and records what could not be handled. */
export class WebhookHandler {
  readonly #desk: InboundDesk;

  constructor(desk: InboundDesk) {
    this.#desk = desk;
  }

  /**
   * Handles an entry of a connection's channel. What fails for good, or too often, is recorded as a problem and passed over, so
   * that nothing that comes after waits for it.
   * @throws {AnywireError} what may be mended by trying again
   */
  async consume(entry: LogEntry, attempt: number): Promise<void> {
    if (entry.kind !== "webhook") return;
    const errors = await this.#handle(entry, attempt);
    const mendable = errors.find((error) => this.#mayTryAgain(error, attempt));
    if (mendable !== undefined) throw mendable;
    const [error = undefined] = errors;
    if (error === undefined) return;
    await this.#fail(entry, error, await stableId(["failed", `${entry.offset}`]));
  }

  /** Handles what came in at an offset once more. @throws {AnywireError} `not_found`, and what handling it throws */
  async replay(connection: string, offset: number): Promise<void> {
    const entry = await this.#entryAt(connection, offset);
    const [error] = await this.#handle(entry, Number.POSITIVE_INFINITY);
    if (error !== undefined) {
      await this.#fail(entry, error, createEntryId());
      throw error;
    }
    const place = { channel: entry.channel, id: createEntryId() };
    await this.#desk.record("inbound", place, { step: "settled", webhook: offset });
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

  /** What went wrong; what can be mended by trying again comes first. */
  async #handle(entry: LogEntry, attempt: number): Promise<readonly AnywireError[]> {
    try {
      const { platform, id } = parseChannelName(entry.channel);
      const connection = await this.#desk.options.connections.find(id);
      if (connection?.document.platform !== platform) {
        throw new AnywireError("not_found", `connection ${id} was removed before it was handled`);
      }
      const events = await this.#parse(connection, entry);
      const errors = await this.#handleAll(connection, entry, attempt, events);
      return errors.sort((a, b) => Number(ERRORS[b.code].retry) - Number(ERRORS[a.code].retry));
    } catch (thrown) {
      return [toAnywireError(thrown)];
    }
  }

  async #parse(
    { connector, context }: OpenConnection,
    entry: LogEntry,
  ): Promise<readonly InboundEvent[]> {
    const request = await fromWebhookEntry(entry, this.#desk.options.blobs, context.webhookUrl);
    try {
      // The same whenever it is parsed: the time is that at which it came.
      return await connector.parse(request, { ...context, now: () => entry.at });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new AnywireError(
        "bad_request",
        `${connector.displayName} can make nothing of it: ${why.slice(0, 300)}`,
        { cause },
      );
    }
  }

  async #handleAll(
    connection: OpenConnection,
    webhook: LogEntry,
    attempt: number,
    events: readonly InboundEvent[],
  ): Promise<AnywireError[]> {
    const errors: AnywireError[] = [];
    const groups = groupEvents(events).values();
    const work = async (): Promise<void> => {
      for (const group of groups) {
        errors.push(...(await this.#handleGroup(connection, webhook, attempt, group)));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    return errors;
  }

  /** One after the other; what may be mended holds back what comes after it, so that nothing overtakes it. */
  async #handleGroup(
    connection: OpenConnection,
    webhook: LogEntry,
    attempt: number,
    events: readonly InboundEvent[],
  ): Promise<readonly AnywireError[]> {
    const errors: AnywireError[] = [];
    for (const event of events) {
      const error = await this.#handleOne(connection, webhook, attempt, event);
      if (error !== undefined) errors.push(error);
      if (error !== undefined && this.#mayTryAgain(error, attempt)) break;
    }
    return errors;
  }

  async #handleOne(
    connection: OpenConnection,
    webhook: LogEntry,
    attempt: number,
    event: InboundEvent,
  ): Promise<AnywireError | undefined> {
    const { id, platform } = connection.document;
    const tell = (outcome: "done" | "duplicate" | "ignored" | "failed"): void =>
      this.#desk.options.onEvent?.({ connection: id, type: event.type, outcome });
    try {
      tell(await handleEvent(this.#desk, { event, platform, connection, webhook, attempt }));
      return undefined;
    } catch (thrown) {
      if (thrown instanceof NotKnownYet) {
        if (this.#mayStillCome(webhook, attempt)) {
          return new AnywireError("unavailable", thrown.message, { cause: thrown });
        }
        tell("ignored");
        return undefined;
      }
      const error = toAnywireError(thrown);
      if (!this.#mayTryAgain(error, attempt)) tell("failed");
      return error;
    }
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
        { cause: error },
      ),
    );
  }
}
