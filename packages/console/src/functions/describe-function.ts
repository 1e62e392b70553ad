import type { FunctionStatusAnswer } from "@anywire/types";

/** What stands where there is nothing to tell. */
export const NOTHING = "–";

/** So much of a revision's id tells it from the others. */
const SHORT_ID = 8;
const COUNT = new Intl.NumberFormat("en");
const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** A number of things. */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** How long something took, with as many digits as matter; null for what is not known. */
export function formatDuration(ms: number | null): string {
  if (ms === null) return NOTHING;
  if (ms >= 10_000) return `${Math.round(ms / 1000)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 10) return `${Math.round(ms)} ms`;
  if (ms >= 1) return `${Number(ms.toFixed(1))} ms`;
  return `${Number(ms.toFixed(2))} ms`;
}

/** The beginning of a revision's id. */
export function shortRevision(id: string): string {
  return id.slice(0, SHORT_ID);
}

/** What a function is bound to, in few words. */
export function bindingText({
  trigger,
  binding,
}: Pick<FunctionStatusAnswer, "trigger" | "binding">): string {
  return trigger === "onInterval" ? `every ${intervalText(Number(binding))}` : binding;
}

/** Whether it runs after something that is stored: then events can wait, and be given up. */
export function runsAfter({ trigger }: Pick<FunctionStatusAnswer, "trigger">): boolean {
  return trigger.startsWith("after");
}

function intervalText(ms: number): string {
  const [unit, size] = UNITS.find(([, one]) => ms % one === 0 && ms >= one) ?? ["ms", 1];
  return `${formatCount(ms / size)} ${unit}`;
}
