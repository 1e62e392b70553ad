import { type Pipeline, stableId } from "@anywire/core";
import {
  AnywireError,
  addressSchema,
  type EntryTrace,
  entryIdSchema,
  type Message,
  signalSchema,
} from "@anywire/types";
import { z } from "zod";
import { checkTarget } from "../../author/check-target.ts";
import type { FunctionPublished } from "../../author/context.ts";
import { FunctionFault } from "../../author/function-fault.ts";
import { fromFunctionMessage } from "../../author/function-message.ts";
import type { CallMethod, CallOrigin } from "../run.ts";
import { functionPrincipal } from "./function-principal.ts";
import { checkArgument, type HostCallTable } from "./host-arguments.ts";
import { traceThrough } from "./loops.ts";

/** What calls that send something need. */
export interface PublishCallsOptions {
  readonly pipeline: Pick<Pipeline, "publish" | "signal">;
  readonly maxHops: number;
  /** Told of the trace of what a run is about to send. */
  readonly onSend: (trace: EntryTrace, origin: CallOrigin) => void;
}

type PublishMethod = Extract<CallMethod, "publish" | "publishData" | "signal">;

const howSchema = z
  .strictObject({ id: entryIdSchema.optional(), sender: addressSchema.optional() })
  .nullish();

/** `publish`, `publishData` and `signal` of functions: the way that everything takes, with the functions before it. */
export function publishCalls(options: PublishCallsOptions): HostCallTable<PublishMethod> {
  return {
    publish: async (origin, [channel, message, how]) =>
      await publish(options, origin, { kind: "message", channel, how, data: toMessage(message) }),
    publishData: (origin, [channel, data, how]) =>
      publish(options, origin, { kind: "data", channel, how, data }),
    signal: (origin, [channel, kind, data]) => signal(options, origin, channel, kind, data),
  };
}

/** What to publish, as it came. */
interface Publication {
  readonly kind: "message" | "data";
  readonly channel: unknown;
  readonly data: unknown;
  readonly how: unknown;
}

async function publish(
  options: PublishCallsOptions,
  origin: CallOrigin,
  { kind, channel: to, data, how: asked }: Publication,
): Promise<FunctionPublished> {
  const { name, platform, key, index } = origin;
  const method = kind === "message" ? "publish" : "publishData";
  const channel = checkTarget(platform, to);
  const how = checkArgument(method, "the third argument", howSchema, asked) ?? {};
  // One that is the same when the run is tried again: it says nothing twice.
  const { id = stableId([key, method, String(index)]), sender = `function:${name}` } = how;
  const { entry } = await options.pipeline.publish(functionPrincipal(platform), {
    channel,
    id,
    kind,
    data,
    sender,
    trace: traceOf(options, origin),
  });
  const { offset, timetoken, at } = entry;
  return { id: entry.id, channel: entry.channel, offset, timetoken, at };
}

async function signal(
  options: PublishCallsOptions,
  origin: CallOrigin,
  to: unknown,
  asked: unknown,
  data: unknown = null,
): Promise<void> {
  const { name, platform } = origin;
  const channel = checkTarget(platform, to);
  const kind = checkArgument("signal", "the kind", signalSchema.shape.kind, asked);
  await options.pipeline.signal(functionPrincipal(platform), {
    channel,
    client: `function:${name}`,
    kind,
    data,
    trace: traceOf(options, origin),
  });
}

function traceOf({ maxHops, onSend }: PublishCallsOptions, origin: CallOrigin): EntryTrace {
  const trace = traceThrough(origin.trace, origin.name, maxHops);
  onSend(trace, origin);
  return trace;
}

function toMessage(given: unknown): Message {
  try {
    return fromFunctionMessage(typeof given === "string" ? { text: given } : given);
  } catch (error) {
    if (!(error instanceof FunctionFault)) throw error;
    throw new AnywireError("bad_request", `publish: ${error.message}`, { cause: error });
  }
}
