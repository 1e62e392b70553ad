/** What becomes of a message. `sent`: stored there, with that text. */
export type Fate =
  | { readonly kind: "sent"; readonly channel: string; readonly text: string }
  | { readonly kind: "aborted"; readonly reason: string }
  | {
      readonly kind: "failed";
      readonly name: string;
      readonly failure: "threw" | "late" | "bad_result";
    };

/** What a function of the model does with messages that have its letter. */
export const ACTIONS = ["change", "abort", "reroute", "throw", "late", "ok"] as const;

/** One of {@link ACTIONS}. */
export type Action = (typeof ACTIONS)[number];

/** A function of the model: bound to some channels, it acts on messages whose text has its letter. */
export interface ModelFunction {
  readonly name: string;
  readonly letter: string;
  readonly action: Action;
  /** The ids of the channels that it is bound to, all of one type; null for all of them. */
  readonly room: string | null;
  /** Where it reroutes to. */
  readonly target: string;
  /** Whether what it fails on passes all the same. */
  readonly isLenient: boolean;
  /** How many turns of the event loop it takes. */
  readonly turns: number;
}

/** The deadline of a function that is late, ms: it counts from the call, and most of its runs are to be in time. */
const LATE_MS = 5_000;
/** Of all others: nothing is late that is not meant to be, on a machine that is busy with other tests. */
const PATIENT_MS = 20_000;

const DO: Readonly<Record<Action, (one: ModelFunction) => string>> = {
  ok: () => "return event.ok();",
  change: ({ name }) => `event.message.text += "+${name}";`,
  abort: ({ name }) => `return event.abort("${name} says no");`,
  reroute: ({ target }) => `if (event.channel !== "${target}") return event.reroute("${target}");`,
  throw: () => 'throw new Error("on purpose");',
  late: () => "await new Promise(() => {});",
};

/** Its file. */
export function codeOf(one: ModelFunction): string {
  const { letter, action, room, isLenient, turns } = one;
  const options = {
    deadlineMs: action === "late" ? LATE_MS : PATIENT_MS,
    onFailure: isLenient ? "allow" : "deny",
  };
  return `
import { setImmediate as nextTurn } from "node:timers/promises";
import { beforePublish } from "@anywire/functions";

export default beforePublish("production.group.${room ?? "*"}", async (event) => {
  if (!event.message.text.includes("${letter}")) return;
  for (let i = 0; i < ${turns}; i += 1) await nextTurn();
  ${DO[action](one)}
}, ${JSON.stringify(options)});
`;
}

/** What becomes of a message, by the rules that functions follow. */
export function fateOf(functions: readonly ModelFunction[], from: string, said: string): Fate {
  const seen = new Set<string>();
  const inOrder = [...functions].sort((a, b) => (a.name < b.name ? -1 : 1));
  const way = [from];
  let channel = from;
  let text = said;
  for (;;) {
    const next = inOrder.find((one) => isBound(one, channel) && !seen.has(one.name));
    if (next === undefined) return { kind: "sent", channel, text };
    const { name, letter, action, target, isLenient } = next;
    seen.add(name);
    if (!text.includes(letter)) continue;
    if (action === "abort") return { kind: "aborted", reason: `${name} says no` };
    if (action === "change") text += `+${name}`;
    const failure = failureOf(next, way);
    if (failure !== undefined && !isLenient) return { kind: "failed", name, failure };
    if (action !== "reroute" || failure !== undefined || target === channel) continue;
    channel = target;
    way.push(channel);
  }
}

/** What a function fails with. Nothing goes in circles. */
function failureOf({ action, target }: ModelFunction, way: readonly string[]) {
  if (action === "throw") return "threw";
  if (action === "late") return "late";
  const isCircle = action === "reroute" && way.includes(target) && way.at(-1) !== target;
  return isCircle ? "bad_result" : undefined;
}

function isBound({ room }: ModelFunction, channel: string): boolean {
  return room === null || channel === `production.group.${room}`;
}
