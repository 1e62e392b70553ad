import { onTestFinished } from "vitest";
import type { EventInputs } from "../../author/events.ts";
import type { Trigger } from "../../author/trigger.ts";
import { buildRevision } from "../bundle/build-revision.ts";
import { functionsDirectory } from "../bundle/functions-directory.fixture.ts";
import type { CallMethod, CallOrigin, HostCalls, RunReport, RunRequest } from "../run.ts";
import { createFunctionPool } from "./create-function-pool.ts";
import type { FunctionPool, PoolLimits } from "./function-pool.ts";

const LIMITS: PoolLimits = {
  minWorkers: 1,
  maxWorkers: 2,
  memoryMb: 64,
  maxQueue: 1_000,
  maxConcurrentRuns: 100,
  maxCalls: 20,
  maxLogLines: 10,
  allowedAddresses: [],
};

/** A call as the host had it. */
export interface NotedCall {
  readonly origin: CallOrigin;
  readonly method: CallMethod;
  readonly args: readonly unknown[];
}

/** A pool, and what was asked and said. */
export interface TestPool {
  readonly pool: FunctionPool;
  readonly calls: readonly NotedCall[];
  /** What workers said outside of any run. */
  readonly outside: readonly string[];
  /** Resolves when something that matches was said there. */
  heard(pattern: RegExp): Promise<string>;
  /** Runs a function on an event of its trigger. */
  run(name: string, request?: TestRun): Promise<RunReport>;
}

/** What of a run a test cares for. */
export type TestRun = Partial<Omit<RunRequest, "event">> & {
  readonly event?: Partial<EventInputs[Trigger]>;
};

/** How to set up a pool. */
export interface TestPoolOptions {
  readonly limits?: Partial<PoolLimits>;
  readonly calls?: HostCalls;
  /** Default true: stack traces lead to the files. */
  readonly isLocal?: boolean;
}

/** A pool of real workers that run these files. It is closed when the test is done. */
export async function openPool(
  files: Readonly<Record<string, string>>,
  { limits, calls: answer = async () => undefined, isLocal = true }: TestPoolOptions = {},
): Promise<TestPool> {
  const calls: NotedCall[] = [];
  const outside: string[] = [];
  const listeners = new Set<(text: string) => void>();
  const pool = await createFunctionPool({
    revision: await buildRevision(functionsDirectory(files), { isLocal }),
    limits: { ...LIMITS, ...limits },
    calls: (origin, method, args) => {
      calls.push({ origin, method, args });
      return answer(origin, method, args);
    },
    onWorkerError: (text) => {
      outside.push(text);
      for (const listen of listeners) listen(text);
    },
  });
  onTestFinished(() => pool.close());
  return {
    pool,
    calls,
    outside,
    heard: (pattern) =>
      new Promise((resolve) => {
        const listen = (text: string) => pattern.test(text) && resolve(text);
        listeners.add(listen);
        for (const text of outside) listen(text);
      }),
    run: (name, { event, ...request } = {}) => {
      const trigger = pool.functions.find((each) => each.name === name)?.trigger ?? "afterPublish";
      const input = { ...EVENTS[trigger], ...event } as EventInputs[Trigger];
      return pool.run({
        name,
        event: input,
        platform: "production",
        trace: input.trace,
        deadlineMs: 10_000,
        effects: "live",
        key: `${name}-key`,
        ...request,
      });
    },
  };
}

/** A function that keeps its thread busy for a moment, and tells which it is. */
export const BUSY = `import { threadId } from "node:worker_threads";
  import { afterPublish } from "@anywire/functions";
  export default afterPublish("*.sms.*", () => {
    const end = Date.now() + 50;
    while (Date.now() < end);
    console.log(threadId);
  });`;

/** Resolves when that many workers are at work, given the name of a {@link BUSY} function. */
export async function untilAtWork(run: TestPool["run"], busy: string, workers: number) {
  const threads = new Set<string | undefined>();
  while (threads.size < workers) {
    const reports = await Promise.all(Array.from({ length: 4 }, () => run(busy)));
    for (const { lines } of reports) threads.add(lines[0]?.text);
  }
}

const BASE = { trace: { id: "root", via: [] }, attempt: 1 };
const CHANNEL = {
  ...BASE,
  channel: "production.sms.1",
  platform: "production",
  channelType: "sms",
  channelId: "1",
};
const MESSAGE = {
  ...CHANNEL,
  kind: "message",
  id: "m1",
  sender: "account:bob",
  message: { text: "hello" },
} as const;
const SIGNAL = { ...CHANNEL, kind: "typing", accountId: "bob", client: "c1", data: {} };

/** An event of each trigger. */
const EVENTS: EventInputs = {
  beforePublish: MESSAGE,
  beforeSignal: SIGNAL,
  afterPublish: { ...MESSAGE, offset: 1, at: 1_000, timetoken: "10000000" },
  afterSignal: SIGNAL,
  afterPresence: { ...CHANNEL, action: "join", accountId: "bob", client: "c1" },
  onRequest: {
    ...BASE,
    method: "POST",
    path: "/",
    url: "http://localhost/functions/",
    params: {},
    headers: {},
    body: new TextEncoder().encode("hello"),
    accountId: null,
    clientAddress: "127.0.0.1",
  },
  onInterval: { ...BASE, scheduledAt: 1_000 },
  onCron: { ...BASE, scheduledAt: 1_000 },
};
