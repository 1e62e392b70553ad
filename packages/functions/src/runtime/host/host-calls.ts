import { AnywireError } from "@anywire/types";
import { z } from "zod";
import { type CallMethod, CHANGING, type HostCalls } from "../run.ts";
import { type ChannelCallsOptions, channelCalls } from "./channel-calls.ts";
import type { EffectNotes } from "./effect-notes.ts";
import { checkArgument, type HostCallTable } from "./host-arguments.ts";
import { type KeyValueCallsOptions, keyValueCalls } from "./key-value-calls.ts";
import { type PublishCallsOptions, publishCalls } from "./publish-calls.ts";

/** What calls need. */
export interface HostCallsOptions
  extends KeyValueCallsOptions,
    PublishCallsOptions,
    ChannelCallsOptions {
  /** By name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly notes: EffectNotes;
}

/** Answers what runs ask of the host. */
export function createHostCalls(options: HostCallsOptions): HostCalls {
  const { secrets, notes } = options;
  const table: HostCallTable<CallMethod> = {
    ...keyValueCalls(options),
    ...publishCalls(options),
    ...channelCalls(options),
    "secrets.get": async (_, [asked]) => {
      const name = checkArgument("secrets.get", "the name", z.string(), asked);
      return Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    },
  };
  return async (origin, method, args) => {
    // A worker runs an author's code: what it asks for may be anything.
    if (!Object.hasOwn(table, method)) {
      throw new AnywireError("unsupported", `a function can't call ${String(method).slice(0, 64)}`);
    }
    if (CHANGING.has(method)) notes.note(origin.key, { method, args });
    return await table[method](origin, args);
  };
}
