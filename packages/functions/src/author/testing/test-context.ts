import type { FunctionContext, FunctionLog } from "../context.ts";
import type { FunctionTrace } from "../events.ts";
import { type TestChannel, TestChannels } from "./test-channels.ts";
import { type Moment, TestClock } from "./test-clock.ts";
import { createTestFetch, type TestFetch, type TestRequest } from "./test-fetch.ts";
import { TestKeyValue } from "./test-key-value.ts";
import { type TestEntry, TestLog } from "./test-log.ts";
import { createTestPublisher, type TestSignal } from "./test-publisher.ts";

/** A line that a function logged. */
export interface TestLogLine {
  readonly level: keyof FunctionLog;
  readonly text: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** What there is when a test begins. Nothing is needed. */
export interface TestContextOptions {
  /** Default `production`. */
  readonly platform?: string;
  /** Default `test`. */
  readonly functionName?: string;
  /** Where the clock stands. Default the time when the context is made. */
  readonly now?: Moment;
  /** By name. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What the key-value store holds. */
  readonly kv?: Readonly<Record<string, unknown>>;
  readonly channels?: readonly TestChannel[];
  /** Answers what the function fetches. Default: refuses it. */
  readonly fetch?: TestFetch;
  /** Default one that never comes. */
  readonly deadline?: AbortSignal;
}

/** A context in memory that notes what is done with it. */
export interface TestContext extends FunctionContext {
  /** What was published, first one first. */
  readonly published: readonly TestEntry[];
  readonly signals: readonly TestSignal[];
  readonly logs: readonly TestLogLine[];
  /** What was fetched. */
  readonly requests: readonly TestRequest[];
  /** What the key-value store holds now, by key. */
  kept(): Readonly<Record<string, unknown>>;
  /** Puts the clock to a moment. */
  setNow(at: Moment): void;
  /** Lets time pass, ms. */
  advance(ms: number): void;
}

/**
 * A context for functions under test: keys, channels and secrets are in memory, the clock stands still, nothing is reached
 * outside. One context for several runs keeps what they did.
 *
 * ```ts
 * const context = createTestContext({ now: "2026-07-01T22:30:00Z" });
 * await runFunction(autoReply, { message: "Anybody there?" }, { context });
 * context.advance(3_600_000);
 * ```
 */
export function createTestContext(options: TestContextOptions = {}): TestContext {
  const { platform = "production", functionName = "test", secrets = {} } = options;
  const clock = new TestClock(options.now);
  const now = (): number => clock.now();
  const log = new TestLog(now);
  const kv = new TestKeyValue(now, options.kv);
  const channels = new TestChannels(platform, log, now, options.channels);
  const published: TestEntry[] = [];
  const signals: TestSignal[] = [];
  const logs: TestLogLine[] = [];
  const requests: TestRequest[] = [];
  const trace: FunctionTrace = { id: "entry-1", via: [] };
  return {
    platform,
    functionName,
    trace,
    kv,
    channels,
    secrets: {
      get: async (name) => (Object.hasOwn(secrets, name) ? secrets[name] : undefined),
    },
    log: createTestLog(logs, now),
    fetch: createTestFetch(requests, options.fetch),
    ...createTestPublisher({ platform, functionName, log, published, signals }),
    now,
    deadline: options.deadline ?? new AbortController().signal,
    published,
    signals,
    logs,
    requests,
    kept: () => kv.values(),
    setNow: (at) => clock.set(at),
    advance: (ms) => clock.set(clock.now() + ms),
  };
}

function createTestLog(lines: TestLogLine[], now: () => number): FunctionLog {
  const logAt =
    (level: keyof FunctionLog) =>
    (text: string, fields?: Readonly<Record<string, unknown>>): void => {
      lines.push({ level, text, ...(fields !== undefined && { fields }), at: now() });
    };
  return {
    debug: logAt("debug"),
    info: logAt("info"),
    warn: logAt("warn"),
    error: logAt("error"),
  };
}
