import { createEntryId } from "@anywire/types";
import { completeEvent } from "../../author/complete-event.ts";
import type { Trial } from "./function-host.ts";
import type { RunJob } from "./function-runs.ts";
import type { BoundFunction } from "./function-table.ts";

/**
 * The run of a trial: on an event that is completed by what fits the function.
 * @throws {AnywireError} `bad_request` when the function would never be run for it.
 */
export function toTrialJob(
  bound: BoundFunction,
  { event: given }: Trial,
  platform: string,
): RunJob {
  const { description } = bound;
  const event = completeEvent(description, given, { platform });
  const channel = "channel" in event ? event.channel : undefined;
  return {
    bound,
    event,
    platform: "platform" in event ? event.platform : (description.options.platform ?? platform),
    ...(channel === undefined ? {} : { channel }),
    key: `${description.name} trial ${createEntryId()}`,
  };
}
