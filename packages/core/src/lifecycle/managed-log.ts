import { AnywireError, isChannelPattern, isSegment } from "@anywire/types";
import type { Listening } from "../ports/listening.ts";
import type {
  Appended,
  Consumer,
  ConsumerOptions,
  EntryDraft,
  EntryHandler,
  Log,
  LogCapabilities,
  LogEntry,
  LogPage,
  LogQuery,
} from "../ports/log.ts";
import { Gate } from "./gate.ts";
import { ManagedConsumer } from "./managed-consumer.ts";

/** The largest `limit` of a `LogQuery`. */
const MAX_LIMIT = 10_000;

/**
 * Gives a driver the life that `Log` promises, so that no driver has to: it is started once; before that
 * and after `close` every call rejects with `unavailable`; `close` lets running consumers finish the
 * entries they are at (they may still append), waits for calls under way, then closes the driver.
 * Queries and consumer options that make no sense reject with `bad_request`.
 */
export function manageLog(driver: Log): Log {
  return new ManagedLog(driver);
}

class ManagedLog implements Log {
  readonly capabilities: LogCapabilities;
  readonly #driver: Log;
  readonly #gate = new Gate("log");
  readonly #consumers = new Set<Consumer>();
  #epoch: string | null = null;

  constructor(driver: Log) {
    this.#driver = driver;
    this.capabilities = driver.capabilities;
  }

  get epoch(): string {
    if (this.#epoch === null) throw new AnywireError("unavailable", "the log has not been started");
    return this.#epoch;
  }

  start(): Promise<void> {
    return this.#gate.start(async () => {
      await this.#driver.start();
      this.#epoch = this.#driver.epoch;
    });
  }

  append(draft: EntryDraft): Promise<Appended> {
    return this.#gate.run(() => this.#driver.append(draft));
  }

  read(query: LogQuery): Promise<LogPage> {
    return this.#gate.run(async () => {
      assertQuery(query);
      return await this.#driver.read(query);
    });
  }

  head(pattern: string): Promise<number> {
    return this.#gate.run(async () => {
      assertPattern(pattern);
      return await this.#driver.head(pattern);
    });
  }

  tail(deliver: (entry: LogEntry) => void): Listening {
    this.#gate.assertOpen();
    return this.#driver.tail(deliver);
  }

  consume(options: ConsumerOptions, handle: EntryHandler): Promise<Consumer> {
    return this.#gate.run(async () => {
      assertConsumer(options);
      const consumer = await this.#driver.consume(options, handle);
      const managed = new ManagedConsumer(consumer, () => this.#consumers.delete(managed));
      await managed.start();
      this.#consumers.add(managed);
      return managed;
    });
  }

  close(): Promise<void> {
    return this.#gate.close(
      () => this.#closeAll(),
      () => this.#closeConsumers(),
    );
  }

  async #closeAll(): Promise<void> {
    try {
      // A consumer may have begun while the others were closing.
      await this.#closeConsumers();
    } finally {
      await this.#driver.close();
    }
  }

  async #closeConsumers(): Promise<void> {
    const results = await Promise.allSettled([...this.#consumers].map((c) => c.close()));
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}

function assertQuery(query: LogQuery): void {
  assertPattern(query.pattern);
  if (Number.isInteger(query.limit) && query.limit >= 1 && query.limit <= MAX_LIMIT) return;
  throw new AnywireError(
    "bad_request",
    `a page holds 1 to ${MAX_LIMIT} entries, so limit cannot be ${query.limit}`,
  );
}

function assertPattern(pattern: string): void {
  if (isChannelPattern(pattern)) return;
  throw new AnywireError(
    "bad_request",
    `${JSON.stringify(pattern.slice(0, 200))} is no channel and no pattern; write one such as production.sms.*`,
  );
}

function assertConsumer({ name, pattern, startAt }: ConsumerOptions): void {
  assertPattern(pattern);
  if (!isSegment(name)) {
    throw new AnywireError(
      "bad_request",
      `${JSON.stringify(name.slice(0, 200))} cannot name a consumer; use 1 to 64 letters, digits, _ or -`,
    );
  }
  if (typeof startAt !== "number" || (Number.isSafeInteger(startAt) && startAt >= 0)) return;
  throw new AnywireError("bad_request", `a consumer begins behind an offset, not ${startAt}`);
}
