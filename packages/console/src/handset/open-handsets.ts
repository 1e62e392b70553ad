import type { HandsetNetwork } from "@anywire/types";
import { type HandsetRef, type HandsetsState, keyOf } from "./handsets.ts";

/** So many are open at once: each is a list of messages that is followed. */
const MAX_OPEN = 12;

/** How many are open when the address names none. */
const FIRST_OPEN = 3;

const NAME = "open";

/** Who is open, as the address says; undefined when it says nothing. */
export function refsInAddress(search: string): readonly HandsetRef[] | undefined {
  const query = new URLSearchParams(search);
  if (!query.has(NAME)) return undefined;
  const refs = query.getAll(NAME).flatMap((text): HandsetRef[] => {
    const at = text.indexOf("~");
    return at > 0 && at < text.length - 1
      ? [{ network: text.slice(0, at), person: text.slice(at + 1) }]
      : [];
  });
  return refs.filter((ref, i) => indexOf(refs, ref) === i).slice(0, MAX_OPEN);
}

/** The address that says so, after its question mark. */
export function addressOf(refs: readonly HandsetRef[]): string {
  const query = new URLSearchParams();
  for (const ref of refs) query.append(NAME, keyOf(ref));
  // An empty word says that none is open, and not nothing.
  if (refs.length === 0) query.append(NAME, "");
  return `?${query}`;
}

/** One more, at the end; the oldest makes room. */
export function opened(refs: readonly HandsetRef[], ref: HandsetRef): readonly HandsetRef[] {
  return indexOf(refs, ref) >= 0 ? refs : [...refs, ref].slice(-MAX_OPEN);
}

/** One less. */
export function closed(refs: readonly HandsetRef[], ref: HandsetRef): readonly HandsetRef[] {
  return refs.filter((one) => keyOf(one) !== keyOf(ref));
}

/** Somebody has another number or name now. */
export function renamed(
  refs: readonly HandsetRef[],
  ref: HandsetRef,
  to: string,
): readonly HandsetRef[] {
  const next = { ...ref, person: to };
  return closed(refs, next).map((one) => (keyOf(one) === keyOf(ref) ? next : one));
}

/** Whom to show to somebody who has chosen nobody: those with messages, then whoever one may begin with. */
export function firstOnes({ networks, persons }: HandsetsState): readonly HandsetRef[] {
  const active = networks.flatMap(({ id }) =>
    (persons.get(id) ?? []).slice(0, 1).map(({ person }) => ({ network: id, person })),
  );
  const idle = networks
    .filter(({ id }) => !active.some(({ network }) => network === id))
    .map(exampleOf);
  return [...active, ...idle].slice(0, FIRST_OPEN);
}

function exampleOf({ id, identity }: HandsetNetwork): HandsetRef {
  return { network: id, person: identity.example };
}

function indexOf(refs: readonly HandsetRef[], ref: HandsetRef): number {
  return refs.findIndex((one) => keyOf(one) === keyOf(ref));
}
