import type {
  FunctionChannels,
  FunctionContext,
  FunctionKeyValue,
  FunctionLog,
  Kept,
} from "../../author/context.ts";
import type { CallMethod } from "../run.ts";
import { fetchOf } from "./guarded-fetch.ts";
import type { WorkerRun } from "./worker-run.ts";

/** What a function is given beside its event. Its parts use no `this`, and are made when they are asked for: a run uses few of them. */
export function createRunContext(run: WorkerRun): FunctionContext {
  const { platform, trace } = run.start;
  const call = callerOf(run);
  return {
    get kv() {
      return keyValueOf(call);
    },
    get secrets() {
      return { get: async (name: string) => (await call("secrets.get", [name])) ?? undefined };
    },
    get channels() {
      return channelsOf(call);
    },
    get log() {
      return logOf(run);
    },
    get fetch() {
      return fetchOf(run);
    },
    get deadline() {
      return run.deadline;
    },
    publish: (channel, message, options) => call("publish", [channel, message, options]),
    publishData: (channel, data, options) => call("publishData", [channel, data, options]),
    signal: (channel, kind, data = null) => call("signal", [channel, kind, data]),
    now: () => Date.now(),
    trace,
    functionName: run.name,
    platform,
  } as FunctionContext;
}

/** What comes back is what the port says for that method: the host answers for it. */
type Caller = <R>(method: CallMethod, args: readonly unknown[]) => Promise<R>;

function callerOf(run: WorkerRun): Caller {
  return <R>(method: CallMethod, args: readonly unknown[]) => run.call(method, args) as Promise<R>;
}

function keyValueOf(call: Caller): FunctionKeyValue {
  const read = async <V>(key: string) =>
    (await call<Kept<V> | null | undefined>("kv.read", [key])) ?? undefined;
  return {
    get: async <V>(key: string) => (await read<V>(key))?.value,
    read,
    set: (key, value, options) => call("kv.set", [key, value, options]),
    delete: (key) => call("kv.delete", [key]),
    list: (options) => call("kv.list", [options]),
    increment: (key, by = 1, options = undefined) => call("kv.increment", [key, by, options]),
    compareAndSet: (key, revision, value, options) =>
      call("kv.compareAndSet", [key, revision, value, options]),
  };
}

function channelsOf(call: Caller): FunctionChannels {
  return {
    open: (request) => call("channels.open", [request]),
    get: (channel) => call("channels.get", [channel]),
    update: (channel, change) => call("channels.update", [channel, change]),
    participants: (channel) => call("channels.participants", [channel]),
    addParticipants: (channel, participants) =>
      call("channels.addParticipants", [channel, participants]),
    removeParticipants: (channel, participants) =>
      call("channels.removeParticipants", [channel, participants]),
    messages: (channel, query) => call("channels.messages", [channel, query]),
    message: (channel, id) => call("channels.message", [channel, id]),
    present: (channel) => call("channels.present", [channel]),
  };
}

function logOf(run: WorkerRun): FunctionLog {
  return {
    debug: (text, fields) => run.log("debug", text, fields),
    info: (text, fields) => run.log("info", text, fields),
    warn: (text, fields) => run.log("warn", text, fields),
    error: (text, fields) => run.log("error", text, fields),
  };
}
