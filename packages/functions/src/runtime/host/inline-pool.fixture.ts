import { AnywireError } from "@anywire/types";
import type { FunctionContext } from "../../author/context.ts";
import type { FunctionDefinition } from "../../author/definition.ts";
import { FunctionFault } from "../../author/function-fault.ts";
import type { Revision } from "../bundle/revision.ts";
import { FunctionBuildError } from "../bundle/revision.ts";
import type { CreateFunctionPool, FunctionPool, PoolOptions } from "../pool/function-pool.ts";
import {
  type CallMethod,
  CHANGING,
  type Effect,
  type LogLine,
  type RunError,
  type RunReport,
  type RunRequest,
} from "../run.ts";

/** Functions by their names. */
// biome-ignore lint/suspicious/noExplicitAny: definitions of all triggers
export type Definitions = Readonly<Record<string, FunctionDefinition<any>>>;

/** Runs definitions in the test's own thread. */
export class InlinePools {
  readonly #definitions = new Map<string, Definitions>();
  /** Revisions whose pools were ended, in order. */
  readonly closed: string[] = [];
  /** Revisions that cannot be loaded. */
  readonly broken = new Set<string>();

  /** A revision of these functions. */
  revision(id: string, definitions: Definitions): Revision {
    this.#definitions.set(id, definitions);
    const functions = Object.keys(definitions).map((name) => ({
      name,
      file: `${name}.ts`,
      code: "",
    }));
    return { id, functions };
  }

  readonly create: CreateFunctionPool = async (options) => {
    const { id } = options.revision;
    if (this.broken.has(id)) {
      const problem = { file: "broken.ts", line: 1, column: 1, text: "is broken" };
      throw new FunctionBuildError([problem]);
    }
    const definitions = this.#definitions.get(id) ?? {};
    return new InlinePool(options, definitions, () => this.closed.push(id));
  };
}

class InlinePool implements FunctionPool {
  readonly revision: string;
  readonly functions: FunctionPool["functions"];
  readonly #options: PoolOptions;
  readonly #definitions: Definitions;
  readonly #onClosed: () => void;
  readonly #running = new Set<Promise<RunReport>>();
  readonly #stopped = Promise.withResolvers<RunReport>();
  #isClosed = false;

  constructor(options: PoolOptions, definitions: Definitions, onClosed: () => void) {
    this.revision = options.revision.id;
    this.functions = Object.entries(definitions).map(([name, { trigger, binding, options }]) => {
      return { name, trigger, binding, options, file: `${name}.ts` };
    });
    this.#options = options;
    this.#definitions = definitions;
    this.#onClosed = onClosed;
  }

  async run(request: RunRequest): Promise<RunReport> {
    if (this.#isClosed) return STOPPED;
    const running = Promise.race([this.#run(request), this.#stopped.promise]);
    this.#running.add(running);
    return await running.finally(() => this.#running.delete(running));
  }

  stats(): ReturnType<FunctionPool["stats"]> {
    return { workers: 1, queued: 0, running: this.#running.size, replaced: 0 };
  }

  stop(): void {
    void this.close();
    this.#stopped.resolve(STOPPED);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#running);
    this.#onClosed();
  }

  async #run(request: RunRequest): Promise<RunReport> {
    const lines: LogLine[] = [];
    const effects: Effect[] = [];
    const deadline = new AbortController();
    const context = contextOf(request, this.#options, { lines, effects, deadline });
    const definition = this.#definitions[request.name];
    if (definition === undefined) throw new Error(`there is no ${request.name}`);
    const late = Promise.withResolvers<RunReport>();
    const timer = setTimeout(() => {
      deadline.abort();
      late.resolve(report({ failure: "late", message: `not done in ${request.deadlineMs} ms` }));
    }, request.deadlineMs);
    const done = definition.run(structuredClone(request.event), context).then(
      (result): RunReport => ({ result, durationMs: 1, queuedMs: 0, lines, effects }),
      (error: unknown): RunReport => ({ ...report(toRunError(error)), lines, effects }),
    );
    return await Promise.race([done, late.promise]).finally(() => clearTimeout(timer));
  }
}

const STOPPED = report({ failure: "stopped", message: "the pool was closed" });

function report(error: RunError): RunReport {
  return { error, durationMs: 1, queuedMs: 0, lines: [], effects: [] };
}

function toRunError(error: unknown): RunError {
  if (error instanceof FunctionFault) return { failure: error.failure, message: error.message };
  const { message, stack } = error as Error;
  return { failure: "threw", message, ...(stack === undefined ? {} : { stack }) };
}

function contextOf(
  { name, platform, trace, effects: what, key }: RunRequest,
  { calls }: PoolOptions,
  run: { lines: LogLine[]; effects: Effect[]; deadline: AbortController },
): FunctionContext {
  const asked = new Map<CallMethod, number>();
  const call =
    (method: CallMethod) =>
    async (...args: unknown[]): Promise<never> => {
      const index = (asked.get(method) ?? 0) + 1;
      asked.set(method, index);
      const isDiscarded = what === "discard" && CHANGING.has(method);
      if (!isDiscarded)
        return (await calls({ name, platform, trace, key, index }, method, args)) as never;
      run.effects.push({ method, args });
      return { id: "made-up", channel: args[0], offset: 0, timetoken: "", at: 0 } as never;
    };
  const log =
    (level: LogLine["level"]) =>
    (text: string, fields?: LogLine["fields"]): void => {
      run.lines.push({ level, text, at: Date.now(), ...(fields === undefined ? {} : { fields }) });
    };
  const read = call("kv.read") as unknown as FunctionContext["kv"]["read"];
  return {
    kv: {
      get: async <V>(key: string) => (await read<V>(key))?.value,
      read,
      set: call("kv.set"),
      delete: call("kv.delete"),
      list: call("kv.list"),
      increment: call("kv.increment"),
      compareAndSet: call("kv.compareAndSet"),
    },
    secrets: { get: call("secrets.get") },
    channels: {
      open: call("channels.open"),
      get: call("channels.get"),
      update: call("channels.update"),
      participants: call("channels.participants"),
      addParticipants: call("channels.addParticipants"),
      removeParticipants: call("channels.removeParticipants"),
      messages: call("channels.messages"),
      message: call("channels.message"),
      present: call("channels.present"),
    },
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    fetch: () => Promise.reject(new AnywireError("unsupported", "no fetch in this test")),
    publish: call("publish"),
    publishData: call("publishData"),
    signal: call("signal"),
    now: Date.now,
    deadline: run.deadline.signal,
    trace,
    functionName: name,
    platform,
  };
}
