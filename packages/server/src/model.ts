import {
  type Access,
  AccountPresences,
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
import { createChannelTypeRegistry } from "@anywire/types";
import type { Config } from "./config/config.ts";
import type { Engine } from "./engine.ts";
import type { Logger } from "./logging.ts";

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

/** Puts the messaging model together on an engine. */
export function createModel(
  { log, presence, state }: Engine,
  { limits, presence: { graceMs } }: Config,
  logger: Logger,
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
  const beforePublish = isLate(state) ? [createEarlyRefusal({ log, state, isArchived })] : [];
  const pipeline = createPipeline({ access, log, presence, beforePublish, ...limits });
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
