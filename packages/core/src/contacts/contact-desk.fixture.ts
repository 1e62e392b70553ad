import {
  createMemoryLog,
  createMemoryPresence,
  createMemoryState,
  MemoryLogBackend,
} from "@anywire/engines/memory";
import { createChannelTypeRegistry } from "@anywire/types";
import { createAccess } from "../access/access.ts";
import { principalOf } from "../access/principal.ts";
import { MessagingContext } from "../messaging/messaging-context.ts";
import type { Caller } from "../messaging/operation.ts";
import { createOperations } from "../messaging/operations.ts";
import { createPipeline } from "../pipeline/pipeline.ts";

/** A platform with nobody on it yet, and somebody who may do everything with its contacts. */
export interface ContactDesk {
  readonly context: MessagingContext;
  readonly desk: Caller;
  /** Somebody whose token has these patterns. */
  caller(patterns: { subscribe?: string[]; publish?: string[]; manage?: string[] }): Caller;
  /** Checks the request and carries it out, for the desk unless somebody else calls. */
  call(name: string, request: object, caller?: Caller): Promise<unknown>;
}

/** Contacts on the memory engine. */
export async function createContactDesk(): Promise<ContactDesk> {
  const backend = new MemoryLogBackend();
  const log = createMemoryLog(backend);
  const state = createMemoryState(backend);
  const presence = createMemoryPresence();
  await Promise.all([log.start(), state.start(), presence.start()]);
  const channelTypes = createChannelTypeRegistry();
  const access = createAccess({ channelTypes, state, membershipOf: () => undefined });
  const limits = { maxMessageBytes: 32_768, maxDepth: 32 };
  const pipeline = createPipeline({ access, log, presence, ...limits });
  const accountPresences = { of: async () => [] };
  const model = { access, pipeline, log, state, presence, accountPresences, channelTypes };
  const options = { ...model, maxParticipants: 100 };
  const operations = createOperations(options);

  const caller: ContactDesk["caller"] = (patterns) => {
    return { principal: principalOf({ sub: "desk", platform: "production", ...patterns }) };
  };
  const contacts = ["production.contact.*"];
  const desk = caller({ subscribe: contacts, manage: contacts });

  return {
    context: new MessagingContext(options),
    desk,
    caller,
    async call(name, request, by = desk) {
      const operation = operations.get(name);
      if (operation === undefined) throw new Error(`there is no operation ${name}`);
      return (await operation.run(by, operation.request.parse(request))).answer;
    },
  };
}
