import { ChannelOrder } from "@anywire/core";
import {
  AnywireError,
  type ChannelTypeRegistry,
  type EntryTrace,
  parseChannelName,
} from "@anywire/types";
import { badResult } from "../../author/function-fault.ts";
import type { FunctionResult } from "../../author/results.ts";
import type { BeforeTrigger } from "../../author/trigger.ts";
import { counted } from "../counted.ts";
import type { RunError } from "../run.ts";
import type { BeforeSubject } from "./before-subject.ts";
import type { Deployed } from "./deployed.ts";
import type { FailureMeaning, FunctionRuns, Settled } from "./function-runs.ts";
import type { BoundFunction, FunctionTable } from "./function-table.ts";
import { shorten } from "./log-fields.ts";
import type { RunsInTheWay } from "./runs-in-the-way.ts";

/** What functions that run before something need. */
export interface BeforeFunctionsOptions {
  readonly deployed: Deployed;
  readonly runs: FunctionRuns;
  readonly inTheWay: RunsInTheWay;
  readonly channelTypes: ChannelTypeRegistry;
  readonly maxHops: number;
}

/** A sender is told so much of why a function refused something, characters. */
const MAX_REASON = 1_000;
const LET_PASS: FailureMeaning = { level: "error", text: "failed, and what it was run for passed" };
const REFUSED: FailureMeaning = {
  level: "error",
  text: "failed, and what it was run for was refused",
};

/** On its way through functions. */
interface Way<D> {
  readonly table: FunctionTable;
  readonly trace: EntryTrace;
  /** Names of the functions that have run. */
  readonly seenBy: Set<string>;
  /** The channels it was on, first one first. */
  readonly channels: string[];
  draft: D;
}

/** What a function says: refused, or how it goes on. */
type Verdict<D> = { readonly reason: string } | { readonly draft: D };

/**
 * Runs the functions that stand in the way of what is sent: in the order of their names, each on what the one before made of
 * it, and after a reroute those of the other channel that have not seen it yet. Runs for several messages overlap, but what is on
 * one channel goes on in the order in which it came. What a function sends while something waits for it is not held up by
 * that: it goes on before it.
 */
export class BeforeFunctions<D extends { readonly channel: string; readonly trace?: EntryTrace }> {
  readonly #options: BeforeFunctionsOptions;
  readonly #subject: BeforeSubject<D>;
  readonly #order = new ChannelOrder();

  constructor(options: BeforeFunctionsOptions, subject: BeforeSubject<D>) {
    this.#options = options;
    this.#subject = subject;
  }

  /** The draft at once where no function is bound to it and nothing waits before it. */
  review(draft: D): D | Promise<D> {
    const { trigger } = this.#subject;
    const { table } = this.#options.deployed;
    const isBound = table.before(trigger, draft.channel, this.#subject.kindOf(draft)).length > 0;
    if (!isBound && this.#order.size === 0) return draft;
    const work = (): D | Promise<D> => (isBound ? this.#pass(draft) : draft);
    if (draft.trace !== undefined && this.#options.inTheWay.hasSent(draft.trace)) return work();
    return this.#order.run(draft.channel, work);
  }

  async #pass(draft: D): Promise<D> {
    const held = this.#options.deployed.hold();
    try {
      const way: Way<D> = {
        table: held.table,
        trace: this.#subject.traceOf(draft),
        seenBy: new Set(),
        channels: [draft.channel],
        draft,
      };
      for (let next = this.#next(way); next !== undefined; next = this.#next(way)) {
        way.seenBy.add(next.description.name);
        way.draft = await this.#runOne(way, next);
      }
      return this.#subject.finish(way.draft, way.trace);
    } finally {
      held.letGo();
    }
  }

  #next({ table, draft, seenBy }: Way<D>): BoundFunction | undefined {
    const { trigger, kindOf } = this.#subject;
    const bound = table.before(trigger, draft.channel, kindOf(draft));
    return bound.find(({ description }) => !seenBy.has(description.name));
  }

  async #runOne(way: Way<D>, bound: BoundFunction): Promise<D> {
    const { name, options } = bound.description;
    const settled = await this.#settle(way, bound);
    if ("error" in settled) {
      if (options.onFailure === "allow") return way.draft;
      throw functionFailed(name, settled.error);
    }
    const { value } = settled;
    if ("draft" in value) return value.draft;
    throw new AnywireError("function_aborted", value.reason, { details: { function: name } });
  }

  async #settle(way: Way<D>, bound: BoundFunction): Promise<Settled<Verdict<D>>> {
    const { runs, inTheWay } = this.#options;
    const { draft, trace } = way;
    const { name, options } = bound.description;
    const event = this.#subject.toEvent(draft, trace);
    const key = `${name} ${this.#subject.keyOf(draft, trace)}`;
    const onFailure = options.onFailure === "allow" ? LET_PASS : REFUSED;
    const job = { bound, event, platform: event.platform, channel: draft.channel, key, onFailure };
    inTheWay.begin(key);
    try {
      return await runs.run<BeforeTrigger, Verdict<D>>(job, (result) =>
        this.#judge(way, name, result),
      );
    } finally {
      inTheWay.end(key);
    }
  }

  #judge(way: Way<D>, name: string, result: FunctionResult): Verdict<D> {
    const { draft } = way;
    if (result.type === "abort") return { reason: shorten(String(result.reason), MAX_REASON) };
    if (result.type === "response") {
      throw badResult("a response is no answer here: give back event.ok(), abort() or reroute()");
    }
    const { changed } = result;
    const next = changed === undefined ? draft : this.#subject.change(draft, changed);
    if (result.type === "ok" || result.channel === draft.channel) return { draft: next };
    this.#assertMayMove(way, name, result.channel);
    const moved = this.#subject.move(next, result.channel);
    way.channels.push(result.channel);
    return { draft: moved };
  }

  #assertMayMove({ channels, draft }: Way<D>, name: string, to: unknown): void {
    const { maxHops, channelTypes } = this.#options;
    const { platform, type } = parseTarget(to);
    const from = parseChannelName(draft.channel).platform;
    if (platform !== from) {
      throw badResult(`it rerouted from ${from} to ${to}, and nothing crosses platforms`);
    }
    const identity = channelTypes.get(type)?.identity;
    if (identity !== "participants" && identity !== "unique") {
      throw badResult(
        `it rerouted to ${to}, where nobody can publish: take another type of channel`,
      );
    }
    const way = [...channels, String(to)];
    if (channels.includes(String(to))) {
      throw badResult(`it rerouted in a circle, ${way.join(" → ")}, and ${name} closed it`);
    }
    if (channels.length > maxHops) {
      throw badResult(`it was rerouted more than ${counted(maxHops, "time")}, ${way.join(" → ")}`);
    }
  }
}

/** What of a failure is told to who sent something: the rest is for the function's author. */
const TOLD: Readonly<Record<RunError["failure"], string>> = {
  threw: "failed",
  late: "took too long",
  bad_result: "gave an answer that is none",
  out_of_memory: "used too much memory",
  exited: "tried to end the server",
  crashed: "crashed",
  queue_full: "has too much to do",
  stopped: "is stopping",
};

/** The error of something that a function had to see, and failed to. */
export function functionFailed(name: string, { failure }: RunError): AnywireError {
  return new AnywireError(
    "function_failed",
    `the function ${name} ${TOLD[failure]}; try again later, its log has the cause`,
    { details: { function: name, failure } },
  );
}

function parseTarget(to: unknown): { readonly platform: string; readonly type: string } {
  try {
    return parseChannelName(String(to));
  } catch (error) {
    throw badResult(`it rerouted to what is no channel: ${String(to).slice(0, 200)}`, {
      cause: error,
    });
  }
}
