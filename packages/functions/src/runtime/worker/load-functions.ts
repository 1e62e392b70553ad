import { checkBinding } from "../../author/check-binding.ts";
import { checkOptions } from "../../author/check-options.ts";
import {
  type FunctionDefinition,
  type FunctionDescription,
  isFunctionDefinition,
} from "../../author/definition.ts";
import { describeValue } from "../../author/describe-value.ts";
import { TRIGGERS, type Trigger } from "../../author/trigger.ts";
import type { BuildProblem, FunctionCode } from "../bundle/revision.ts";
import type { AuthorFiles } from "./author-files.ts";
import type { Loaded } from "./worker-messages.ts";

/** What of the PubNub package turns handlers into functions. */
export interface PubNubFunctions {
  fromPubNub(binding: { trigger: Trigger; binding: string }, handler: never): FunctionDefinition;
}

/** How to load. */
export interface LoadOptions {
  readonly files: AuthorFiles;
  /** For revisions with handlers that were written for PubNub. */
  readonly pubnub: PubNubFunctions | undefined;
  /** Told before each one how many were begun with it: it may never come to its end. */
  readonly onBegin: (count: number) => void;
}

/** Functions that can be run, in the order of the revision, and what is known of them. */
export interface LoadedFunctions extends Loaded {
  readonly definitions: readonly FunctionDefinition[];
}

/** Loads all functions of a revision, one after the other; with a problem for each that cannot be loaded. */
export async function loadFunctions(
  codes: readonly FunctionCode[],
  { files, pubnub, onBegin }: LoadOptions,
): Promise<LoadedFunctions> {
  const definitions: FunctionDefinition[] = [];
  const functions: FunctionDescription[] = [];
  const problems: BuildProblem[] = [];
  for (const [i, code] of codes.entries()) {
    onBegin(i + 1);
    try {
      const exported = await importDefault(files.urlOf(code.name));
      const definition = toDefinition(code, exported, pubnub);
      functions.push(describe(code, definition));
      definitions.push(definition);
    } catch (thrown) {
      problems.push(problemOf(code, thrown, files));
    }
  }
  if (problems.length > 0) return { definitions: [], functions: [], problems };
  return { definitions, functions, problems };
}

/** Checked once more: another version of the package may have made it, or an author by hand. */
function describe(
  { name, file }: FunctionCode,
  { trigger, binding, options }: FunctionDefinition,
): FunctionDescription {
  return {
    name,
    file,
    trigger,
    binding: checkBinding(trigger, binding),
    // As JSON has it: it leaves the thread.
    options: JSON.parse(JSON.stringify(checkOptions(trigger, options))),
  };
}

/** What a module exports as default; of one that was compiled to CommonJS, what it called that. */
async function importDefault(url: string): Promise<unknown> {
  const module: { readonly default?: unknown } = await import(url);
  if (!("default" in module)) {
    throw new LoadError(
      "exports nothing as default; write export default beforePublish(…) or the like",
    );
  }
  const exported = module.default;
  const isCompiled = typeof exported === "object" && exported !== null && "__esModule" in exported;
  return isCompiled && "default" in exported ? exported.default : exported;
}

function toDefinition(
  { pubnub: binding }: FunctionCode,
  exported: unknown,
  pubnub: PubNubFunctions | undefined,
): FunctionDefinition {
  if (binding !== undefined && pubnub !== undefined) {
    return pubnub.fromPubNub(binding, exported as never);
  }
  if (!isFunctionDefinition(exported)) {
    const hint =
      typeof exported === "function"
        ? "; wrap it, export default beforePublish(pattern, handler), or bind it in pubnub.json when it was written for PubNub"
        : "; export what beforePublish(…) or the like gives";
    throw new LoadError(
      `exports ${describeValue(exported)} as default, which is no function of Anywire${hint}`,
    );
  }
  if (!TRIGGERS.includes(exported.trigger)) {
    throw new LoadError(
      `has the trigger ${describeValue(exported.trigger)}; the triggers are ${TRIGGERS.join(", ")}`,
    );
  }
  return exported;
}

/** Something is wrong with a file as a whole. */
class LoadError extends Error {}

function problemOf({ file }: FunctionCode, thrown: unknown, files: AuthorFiles): BuildProblem {
  const text = files.messageOf(thrown);
  const place = thrown instanceof LoadError ? undefined : files.placeOf(thrown);
  return place === undefined
    ? { file, line: null, column: null, text }
    : { ...place, text: place.file === file ? text : `${text} (loaded by ${file})` };
}
