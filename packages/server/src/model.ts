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
  type WaitFor,
} from "@anywire/core";
import type { FunctionHost } from "@anywire/functions/runtime";
import { createChannelTypeRegistry } from "@anywire/types";
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
export type ModelSteps = Pick<FunctionHost, "beforePublish" | "beforeSignal" | "afterSignal">;

/** Puts the messaging model together on an engine. */
export function createModel(
  { log, presence, state }: Engine,
  { limits, presence: { graceMs } }: Config,
  logger: Logger,
  steps: ModelSteps,
  spans?: SpanSink,
): Model {
  const channelTypes = createChannelTypeRegistry();
  const readable = maskDeleted(log, state);
  const inboxes = new Inboxes({ state, log: readable });
  const access = createAccess({
    channelTypes,
    state,
    membershipOf: (name, channel) => inboxes.membershipOf(name, channel),
    secondLook: createSecondLook(log, state),
  });
  const isArchived = (channel: string): boolean | undefined => inboxes.isArchived(channel);
  const refuse = isLate(state) ? createEarlyRefusal({ log, state, isArchived }) : undefined;
  const untraced = createPipeline({
    ...{ access, presence },
    log: spans === undefined ? log : traceAppends(log, spans),
    beforePublish: publishSteps(refuse, steps.beforePublish),
    beforeSignal: [steps.beforeSignal],
    afterSignal: steps.afterSignal,
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

/** No function runs for what is refused anyway; and where functions send something elsewhere, it may be refused there. */
function publishSteps(
  refuse: BeforePublish | undefined,
  functions: BeforePublish,
): readonly BeforePublish[] {
  if (refuse === undefined) return [functions];
  return [
    refuse,
    (draft, principal) => {
      const passed = functions(draft, principal);
      if (!(passed instanceof Promise)) return passed;
      return passed.then((given) =>
        given.channel === draft.channel ? given : refuse(given, principal),
      );
    },
  ];
}
