import {
  type Access,
  AccountPresences,
  type BeforePublish,
  createAccess,
  createEarlyRefusal,
  createOperations,
  createPipeline,
  createSecondLook,
  createWaitFor,
  Inboxes,
  isLate,
  maskDeleted,
  type Operations,
  type Pipeline,
  type ReadableLog,
  type SignalDraft,
  type WaitFor,
} from "@anywire/core";
import type { FunctionHost } from "@anywire/functions/runtime";
import type { ChannelTypeRegistry } from "@anywire/types";
import type { Config } from "./config/config.ts";
import type { Engine } from "./engine.ts";
import type { Logger } from "./logging.ts";
import type { SpanSink } from "./telemetry/span.ts";
import { traceAppends, tracePublishes } from "./telemetry/trace-publishes.ts";

/** What all edges share: who may do what, what can be done, and what accounts hear of. */
export interface Model {
  readonly access: Access;
  readonly pipeline: Pipeline;
  readonly operations: Operations;
  readonly waitFor: WaitFor;
  readonly inboxes: Inboxes;
  readonly accountPresences: AccountPresences;
  /** The log as outsiders may read it. */
  readonly readable: ReadableLog;
}

/** What looks at what is sent before it is stored or told, and is told of it. */
export type ModelSteps = Pick<
  FunctionHost,
  "beforePublish" | "beforeSignal" | "afterSignal" | "isInTheWayOf"
>;

/** What else the model is made of. */
export interface ModelOptions {
  readonly steps: ModelSteps;
  readonly channelTypes: ChannelTypeRegistry;
  readonly spans?: SpanSink | undefined;
  /** Told of each signal that was told. Must not throw. */
  readonly onSignal: (signal: SignalDraft) => void;
}

/** Puts the messaging model together on an engine. */
export function createModel(
  { log, presence, state }: Engine,
  { limits, presence: { graceMs } }: Config,
  logger: Logger,
  { steps, channelTypes, spans, onSignal }: ModelOptions,
): Model {
  const readable = maskDeleted(log, state);
  const inboxes = new Inboxes({ state, log: readable });
  const access = createAccess({
    channelTypes,
    state,
    membershipOf: (name, channel) => inboxes.membershipOf(name, channel),
    secondLook: createSecondLook(log, state),
  });
  const isArchived = (channel: string): boolean | undefined => inboxes.isArchived(channel);
  const refuse = createEarlyRefusal({ log, state, isArchived });
  const untraced = createPipeline({
    ...{ access, presence },
    log: spans === undefined ? log : traceAppends(log, spans),
    // No function runs for what is refused anyway.
    beforePublish: [
      isLate(state) ? refuse : whereFunctionsAre(refuse, steps),
      passOn(refuse, steps.beforePublish),
    ],
    beforeSignal: [steps.beforeSignal],
    afterSignal: (signal) => {
      onSignal(signal);
      return steps.afterSignal(signal);
    },
    ...limits,
  });
  const pipeline = spans === undefined ? untraced : tracePublishes(untraced, spans);
  const onError = (err: unknown): void => logger.warn({ err }, "could not say who is there");
  const accountPresences = new AccountPresences({ presence, log, state, graceMs, onError });
  const { maxParticipants } = limits;
  const ports = { log, state, presence };
  const operations = createOperations({
    access,
    pipeline,
    ...ports,
    accountPresences,
    channelTypes,
    maxParticipants,
  });
  const waitFor = createWaitFor(state);
  return { access, pipeline, operations, waitFor, inboxes, accountPresences, readable };
}

/** Where the log itself refuses what it must, only functions need to know before. */
function whereFunctionsAre(refuse: BeforePublish, functions: ModelSteps): BeforePublish {
  return (draft, principal) =>
    functions.isInTheWayOf(draft.channel) ? refuse(draft, principal) : draft;
}

/** What functions send elsewhere may be refused there. */
function passOn(refuse: BeforePublish, functions: BeforePublish): BeforePublish {
  return (draft, principal) => {
    const passed = functions(draft, principal);
    if (!(passed instanceof Promise)) return passed;
    return passed.then((given) =>
      given.channel === draft.channel ? given : refuse(given, principal),
    );
  };
}
