import { matchesPattern, PatternMatcher } from "@anywire/types";
import {
  type FunctionDescription,
  type FunctionOptions,
  isChannelTrigger,
} from "../../author/definition.ts";
import type { ChannelTrigger, Trigger } from "../../author/trigger.ts";
import type { FunctionPool } from "../pool/function-pool.ts";
import { canaryChooser } from "./canary.ts";
import type { Deployment } from "./deployment.ts";

/** A function of a deployed revision. */
export interface BoundFunction {
  readonly description: FunctionDescription;
  readonly pool: FunctionPool;
  readonly isDisabled: boolean;
  /** The function of that name and trigger in the shadow revision, if there is one. */
  readonly shadow?: BoundFunction;
}

/** Functions in the order of their names. */
export type BoundFunctions = readonly BoundFunction[];

const NONE: BoundFunctions = [];
const DEFAULT_KINDS: NonNullable<FunctionOptions["kinds"]> = ["message", "edit"];

/** Which functions there are, and what each is bound to, as one deployment says. It never changes. */
export class FunctionTable {
  readonly deployment: Deployment;
  readonly #active: RevisionTable;
  readonly #canary: RevisionTable | undefined;
  readonly #hasCanary: (channel: string) => boolean;

  /** `poolOf` gives the pool of a revision, undefined for one without functions. */
  constructor(deployment: Deployment, poolOf: (revision: string) => FunctionPool | undefined) {
    const { active, canary, shadow, disabled } = deployment;
    this.deployment = deployment;
    const shadows = new RevisionTable(shadow && poolOf(shadow.id), []);
    this.#active = new RevisionTable(poolOf(active.id), disabled, shadows);
    this.#canary = canary && new RevisionTable(poolOf(canary.revision.id), disabled);
    this.#hasCanary = canary ? canaryChooser(canary.revision.id, canary.percent) : () => false;
  }

  /** The active functions. */
  get active(): BoundFunctions {
    return this.#active.all;
  }

  /** The active functions, and those that only the canary has. */
  get all(): BoundFunctions {
    const added = this.#canary?.all.filter(({ description: { name } }) => !this.#active.get(name));
    return added === undefined ? this.active : [...this.active, ...added];
  }

  /** The functions of a name: the active one, the canary's. */
  named(name: string): BoundFunctions {
    return [this.#active.get(name), this.#canary?.get(name)].filter((one) => one !== undefined);
  }

  /** The functions that run before something on a channel. Costs one look-up when there are none. */
  before(trigger: ChannelTrigger, channel: string, kind?: string): BoundFunctions {
    return this.#revisionOf(channel).bound(trigger, channel, kind);
  }

  /** The function of a name that a channel has, if it is bound to what happened there. */
  after(
    name: string,
    trigger: ChannelTrigger,
    channel: string,
    kind?: string,
  ): BoundFunction | undefined {
    const found = this.#revisionOf(channel).get(name);
    if (found?.description.trigger !== trigger || found.isDisabled) return undefined;
    return isBound(found, channel, kind) ? found : undefined;
  }

  /** Whether any function, also one that is disabled, waits for what happens live on a channel. */
  awaits(trigger: "afterSignal" | "afterPresence", channel: string): boolean {
    return (
      this.#active.isBound(trigger, channel) || this.#canary?.isBound(trigger, channel) === true
    );
  }

  #revisionOf(channel: string): RevisionTable {
    return this.#canary !== undefined && this.#hasCanary(channel) ? this.#canary : this.#active;
  }
}

class RevisionTable {
  readonly all: BoundFunctions;
  readonly #byName = new Map<string, BoundFunction>();
  readonly #matchers = new Map<Trigger, PatternMatcher<BoundFunction>>();

  constructor(
    pool: FunctionPool | undefined,
    disabled: readonly string[],
    shadows?: RevisionTable,
  ) {
    for (const description of pool?.functions ?? []) {
      if (pool === undefined) continue;
      const { name, trigger, binding } = description;
      const shadow = shadows?.get(name);
      const bound = {
        description,
        pool,
        isDisabled: disabled.includes(name),
        ...(shadow?.description.trigger === trigger ? { shadow } : {}),
      };
      this.#byName.set(name, bound);
      if (isChannelTrigger(trigger)) this.#matcherOf(trigger).add(binding, bound);
    }
    this.all = inOrder([...this.#byName.values()]);
  }

  get(name: string): BoundFunction | undefined {
    return this.#byName.get(name);
  }

  bound(trigger: ChannelTrigger, channel: string, kind: string | undefined): BoundFunctions {
    let found: BoundFunction[] | undefined;
    this.#matchers.get(trigger)?.forEachMatch(channel, (bound) => {
      if (bound.isDisabled || !hasKind(bound, kind)) return;
      found ??= [];
      found.push(bound);
    });
    return found === undefined ? NONE : inOrder(found);
  }

  isBound(trigger: Trigger, channel: string): boolean {
    let isBound = false;
    this.#matchers.get(trigger)?.forEachMatch(channel, () => {
      isBound = true;
    });
    return isBound;
  }

  #matcherOf(trigger: Trigger): PatternMatcher<BoundFunction> {
    let matcher = this.#matchers.get(trigger);
    if (matcher === undefined) {
      matcher = new PatternMatcher();
      this.#matchers.set(trigger, matcher);
    }
    return matcher;
  }
}

/** By their names as they are written, the same on every machine. */
function inOrder(functions: BoundFunction[]): BoundFunction[] {
  if (functions.length < 2) return functions;
  return functions.sort((a, b) => (a.description.name < b.description.name ? -1 : 1));
}

/** Whether a function is bound to a channel, and run for what is of that kind. */
function isBound(bound: BoundFunction, channel: string, kind: string | undefined): boolean {
  return matchesPattern(bound.description.binding, channel) && hasKind(bound, kind);
}

function hasKind({ description: { options } }: BoundFunction, kind: string | undefined): boolean {
  if (kind === undefined) return true;
  const kinds: readonly string[] = options.kinds ?? DEFAULT_KINDS;
  return kinds.includes(kind);
}
