import type { ConsumerOptions } from "@anywire/core";
import { patternTokens } from "@anywire/types";
import type { FunctionDescription } from "../../author/definition.ts";
import type { FunctionTable } from "./function-table.ts";
import { EVENT_TYPE, isAfterTrigger } from "./happenings.ts";

/** Channels that one function is run for at the same time. */
const CONCURRENCY = 256;

/** The name of the consumer that runs a function after something. */
function consumerName(name: string): string {
  return `fn_${name}`;
}

/**
 * The consumers that a table needs, by the functions' names: one for each function that runs after something and is not disabled. Where
 * the canary's is bound to other channels, it sees those of both.
 */
export function planConsumers(table: FunctionTable): ReadonlyMap<string, ConsumerOptions> {
  const plan = new Map<string, ConsumerOptions>();
  for (const { description, isDisabled } of table.all) {
    const { name, trigger, options } = description;
    if (isDisabled || !isAfterTrigger(trigger)) continue;
    const { maxAttempts, minBackoffMs, maxBackoffMs } = options;
    const patterns = table
      .named(name)
      .filter((bound) => isAfterTrigger(bound.description.trigger))
      .map((bound) => consumedPattern(bound.description));
    plan.set(name, {
      name: consumerName(name),
      pattern: patterns.reduce(widened),
      // What came between the decision that it runs and the first node that does so is for it.
      startAt: table.deployment.since[name] ?? "head",
      concurrency: CONCURRENCY,
      ...(maxAttempts === undefined ? {} : { maxAttempts }),
      ...(minBackoffMs === undefined ? {} : { minBackoffMs }),
      ...(maxBackoffMs === undefined ? {} : { maxBackoffMs }),
    });
  }
  return plan;
}

/** Where the entries are that a function runs after: what happened live is kept on channels of its own. */
function consumedPattern({ trigger, binding }: FunctionDescription): string {
  if (trigger === "afterPublish") return binding;
  return `${patternTokens(binding)[0]}.${EVENT_TYPE}.*`;
}

/** A pattern that matches all that either matches. */
function widened(one: string, other: string): string {
  const tokens = patternTokens(other);
  return patternTokens(one)
    .map((token, i) => (token === tokens[i] ? token : "*"))
    .join(".");
}
